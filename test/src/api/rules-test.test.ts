import { describe, expect, it } from 'vitest';
import type { LoopApi } from '../../../src/api/port.ts';
import type { LoopId } from '../../../src/domain/ids.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import { installation, served } from '../../support/api.ts';
import { recordingOf } from '../../support/recording.ts';

async function stored(): Promise<{
  readonly api: LoopApi;
  readonly acts: readonly string[];
  readonly ids: readonly LoopId[];
}> {
  const { handlers, acts } = await installation();
  const ids: LoopId[] = [];
  for (const [index, [path, status, body]] of (
    [
      ['/orders', 500, '{"code":"QUOTA"}'],
      ['/cart', 503, 'secret words'],
    ] as const
  ).entries()) {
    const headers = { 'content-type': 'application/json' };
    const trigger = { method: 'POST', path, headers: {}, answer: { status, headers, body } };
    const file = recordingOf({ service: 'orders', trigger, number: index + 1 });
    ids.push((await handlers.import(await encodeLoopFile(file))).id);
  }
  return { api: handlers, acts, ids };
}

describe('rules on trial', () => {
  it('say of every recording what they would do, against those in force; each is opened and audited, nothing is stored', async () => {
    const { api, acts, ids } = await stored();
    const before = await Promise.all(ids.map(async (id) => (await api.show(id)).view));
    const { client } = await served(api);
    const { mistakes, recordings, more } = await client.testRules({
      rules: `
- { name: quota, match: { status: 500, body: { path: $.code, is: QUOTA } }, then: fine }
- { name: cart, match: { service: orders, route: /cart, failed: true }, then: failure }`,
    });
    expect([mistakes, more]).toEqual([[], false]);
    expect(
      recordings
        .map(({ path, change, inForce, tried }) => ({ path, change, inForce: inForce.summary, tried }))
        .toSorted((one, other) => one.path.localeCompare(other.path)),
    ).toEqual([
      {
        path: '/cart',
        change: 'reason',
        inForce: '503 Service Unavailable',
        tried: { decision: 'keep', rule: 'cart', summary: '503 Service Unavailable, by rule cart' },
      },
      { path: '/orders', change: 'tossed', inForce: '500 Internal Server Error', tried: { decision: 'toss' } },
    ]);
    expect(JSON.stringify(recordings)).not.toMatch(/QUOTA|secret/);
    expect(acts.filter((act) => act.startsWith('test-rules ')).toSorted()).toEqual(
      ids.map((id) => `test-rules ${id}`).toSorted(),
    );
    expect(await Promise.all(ids.map(async (id) => (await api.show(id)).view))).toEqual(before);
  });

  it('of one recording, and so many at most', async () => {
    const { api, ids } = await stored();
    const [loop] = ids;
    expect((await api.testRules({ loop })).recordings).toMatchObject([{ id: loop, change: 'same' }]);
    expect(await api.testRules({ limit: 1 })).toMatchObject({ recordings: [{ change: 'same' }], more: true });
  });

  it('with mistakes are told where, and nothing is opened', async () => {
    const { api, acts } = await stored();
    const { client } = await served(api);
    const found = await client.testRules({ rules: '- { name: a, match: { status: 9 }, then: failure }' });
    expect(found).toMatchObject({ mistakes: [{ line: 1, column: 31, message: '9 is no status.' }], recordings: [] });
    expect(acts.some((act) => act.startsWith('test-rules'))).toBe(false);
  });
});
