import { describe, expect, it } from 'vitest';
import type { LoopApi } from '../../../src/api/port.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import type { LoopId } from '../../../src/domain/ids.ts';
import { installation, served } from '../../support/api.ts';
import { recordingOf } from '../../support/recording.ts';

const RECORDING = {
  service: 'orders',
  trigger: {
    method: 'POST',
    path: '/orders?page_token=7',
    headers: { 'x-api-key': 'k3y' },
    body: '{"password":"hunter2","desk":"7b"}',
    answer: { status: 500 },
  },
};

async function stored(): Promise<{
  readonly api: LoopApi;
  readonly id: LoopId;
  readonly acts: readonly string[];
  readonly before: string;
}> {
  const { handlers, acts } = await installation();
  const { id } = await handlers.import(await encodeLoopFile(recordingOf(RECORDING)));
  return { api: handlers, id, acts, before: (await handlers.show(id)).view };
}

describe('redaction on trial', () => {
  it('names each place that is hidden, and what stands before it, but no original', async () => {
    const { api, id } = await stored();
    const { findings, more } = await api.testRedaction(id, undefined);
    expect(more).toBe(0);
    expect(findings.map(({ where, change }) => `${change} ${where}`)).toEqual([
      'same orders inbound POST /orders: path',
      'same orders inbound POST /orders: request.headers.:path',
      'same orders inbound POST /orders: request.headers.x-api-key',
      'same orders inbound POST /orders: request.body.text',
    ]);
    expect(findings.map(({ before }) => before)).toContain('{"password":"');
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|k3y/);
  });

  it('says what other rules would hide, and what they would show again; stores nothing; is audited', async () => {
    const { api, id, acts, before } = await stored();
    const { client } = await served(api);
    const { findings } = await client.testRedaction(id, { names: ['desk'], leave: ['query:page_token'] });
    expect(
      findings
        .filter(({ change }) => change !== 'same')
        .map(({ where, change, before: text }) => [change, where, text.slice(-8)]),
    ).toEqual([
      ['new', 'orders inbound POST /orders: request.body.text', '"desk":"'],
      ['lost', 'orders inbound POST /orders: path', 'e_token='],
      ['lost', 'orders inbound POST /orders: request.headers.:path', 'e_token='],
    ]);
    expect((await api.show(id)).view).toBe(before);
    expect(acts.filter((act) => !act.startsWith('view '))).toEqual([`import ${id}`, `test-redaction ${id}`]);
  });

  it.each([
    [{ patterns: [{ name: 'a', pattern: '(' }] }, 'The pattern "a" is not valid'],
    [{ leave: ['x'] }, '"x" names no place.'],
    [{ name: ['x'] }, 'The rules are not right: top level: Unrecognized key: "name".'],
  ])('refuses %j in one sentence, and opens nothing for it', async (rules, message) => {
    const { api, id, acts } = await stored();
    const { client } = await served(api);
    await expect(client.testRedaction(id, rules)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining(message),
    });
    expect(acts.filter((act) => !act.startsWith('view '))).toEqual([`import ${id}`]);
  });
});
