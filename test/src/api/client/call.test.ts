import { expect, it } from 'vitest';
import { createCall, requestOf, type ApiRequest } from '../../../../src/api/client/call.ts';

it('puts each key where the endpoint has it', () => {
  expect(requestOf('resolveLoop', { id: '../x?' })).toMatchObject({ path: '/v1/loops/..%2Fx%3F/resolve' });
  expect(requestOf('listFingerprints', { among: ['00000000000a', '00000000000b'], since: undefined }).path).toBe(
    '/v1/fingerprints?among=00000000000a%2C00000000000b',
  );
  expect(requestOf('testRedaction', { id: '0123456789ab', rules: { names: ['x'] } })).toMatchObject({
    method: 'POST',
    path: '/v1/loops/0123456789ab/redaction-test',
    body: { kind: 'json', text: '{"rules":{"names":["x"]}}' },
  });
  const file = new Uint8Array([1]);
  expect(requestOf('importLoop', { file })).toMatchObject({ path: '/v1/loops', body: { kind: 'file', bytes: file } });
  expect(requestOf('importLoop', { file, restore: true }).path).toBe('/v1/loops?restore=true');
});

it('answers with what was sent back', async () => {
  const sent: ApiRequest[] = [];
  const call = createCall(async (request) => {
    sent.push(request);
    return { loops: [] };
  });
  expect(await call('listLoops', { limit: 3 })).toEqual({ loops: [] });
  expect(sent).toMatchObject([{ operation: 'listLoops', method: 'GET', path: '/v1/loops?limit=3', answers: 'json' }]);
});
