import { expect, it } from 'vitest';
import { errorIn } from '../../../replay-sandbox/verify/error-in.ts';

const answer = (body: string) => ({
  status: 200,
  headers: [{ name: 'content-type', value: 'application/json' }],
  body: Buffer.from(body),
});

it.each([
  '{"errors":{}}',
  '{"errors":[]}',
  '{"error":"none"}',
  '{"error":"None"}',
  '{"error":"no error"}',
  '{"error":" "}',
  '{"error":""}',
  '{"error":null}',
  '{"error":false}',
  '{"error":0}',
  '{"errors":{"count":0,"list":[]}}',
])('%s is no error', (body) => {
  expect(errorIn(answer(body), [])).toBeUndefined();
});

it.each(['{"error":"no stock"}', '{"error":true}', '{"error":7}', '{"errors":{"sku":"unknown"}}', '{"errors":[{}]}'])(
  '%s is one',
  (body) => {
    expect(errorIn(answer(body), [])?.path).toMatch(/^body\.errors?$/);
    expect(errorIn(answer(body), [answer(body)])).toBeUndefined();
  },
);
