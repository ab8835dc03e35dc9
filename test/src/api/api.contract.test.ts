import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../src/api/error.ts';
import type { LoopApi } from '../../../src/api/port.ts';
import { decodeLoopFile } from '../../../storage/format/decode.ts';
import type { TestInstallation } from '../../support/api.ts';
import { installation, saveLoop, served } from '../../support/api.ts';
import { fingerprint, loopId } from '../../support/transaction.ts';

const SECRET = new TextEncoder().encode('LPRT what was recorded');

const WAYS: readonly (readonly [string, (home: TestInstallation) => Promise<LoopApi>])[] = [
  ['in process', async (home) => home.handlers],
  ['over HTTP', async (home) => (await served(home.handlers)).client],
];

async function codeOf(act: Promise<unknown>): Promise<string> {
  const error = await act.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ApiError ? `${error.code}: ${error.message}` : `no ApiError but ${String(error)}`;
}

describe.each(WAYS)('the API, %s', (_way, reach) => {
  it('lists, pages and filters', async () => {
    const home = await installation();
    const api = await reach(home);
    for (const number of [1, 2, 3])
      await saveLoop(home, number, SECRET, { startedAt: number * 1000, services: ['shop', `only-${number}`] });
    const first = await api.list({ purpose: 'failure', limit: 2 });
    expect(first.loops.map((loop) => loop.id)).toEqual([loopId(3), loopId(2)]);
    const second = await api.list({ purpose: 'failure', limit: 2, cursor: first.next });
    expect(second.loops.map((loop) => loop.id)).toEqual([loopId(1)]);
    expect((await api.list({ purpose: 'failure', limit: 9, service: 'only-2' })).loops.map((loop) => loop.id)).toEqual([
      loopId(2),
    ]);
    expect((await api.list({ purpose: 'failure', limit: 9, since: 2500 })).loops.map((loop) => loop.id)).toEqual([
      loopId(3),
    ]);
    expect((await api.list({ purpose: 'exemplar', limit: 9 })).loops).toEqual([]);
  });

  it('tells what was counted of failures, all of it or some', async () => {
    const home = await installation();
    const api = await reach(home);
    const what = { service: 'pricing', method: 'GET', route: '/price/*', kind: 'status', summary: '500' };
    const count = { unread: 0, guessed: 0, versions: { 'pricing@1': 2 }, users: [], what };
    await home.store.countFailures(
      [1, 2, 3].map((at) => ({
        ...count,
        fingerprint: fingerprint(at),
        firstAt: at,
        lastAt: at,
        hours: [{ hour: 0, seen: at, kept: 0 }],
      })),
    );
    expect(await api.fingerprints({ limit: 9 })).toEqual(await home.store.fingerprints({ limit: 9 }));
    const seen = async (query: Partial<Parameters<LoopApi['fingerprints']>[0]>) =>
      (await api.fingerprints({ limit: 9, ...query })).map((one) => one.seen);
    expect(await seen({ limit: 2 })).toEqual([3, 2]);
    expect(await seen({ among: [fingerprint(1), fingerprint(3)] })).toEqual([3, 1]);
    expect(await seen({ since: 2, service: 'pricing' })).toEqual([3, 2]);
    expect(await seen({ service: 'orders' })).toEqual([]);
  });

  it('resolves the beginning of an id, and says when it begins several or none', async () => {
    const home = await installation();
    const api = await reach(home);
    await saveLoop(home, 1, SECRET);
    await saveLoop(home, 20, SECRET);
    expect(await api.resolve(loopId(1))).toBe(loopId(1));
    expect(await codeOf(api.resolve('0000'))).toMatch(/^ambiguous: "0000" begins 2 loops: /);
    expect(await codeOf(api.resolve('zzz'))).toBe('not-found: There is no loop "zzz".');
    expect(await codeOf(api.resolve('../etc'))).toBe('not-found: There is no loop "../etc".');
  });

  it('gives a recording sealed, or open, and audits both', async () => {
    const home = await installation();
    const api = await reach(home);
    const { id } = await saveLoop(home, 1, SECRET);
    const sealed = await decodeLoopFile(await api.recording(id, { open: false }));
    expect(sealed.seal.kind).toBe('sealed');
    expect(Buffer.concat(sealed.parts).includes(Buffer.from(SECRET))).toBe(false);
    const open = await decodeLoopFile(await api.recording(id, { open: true }));
    expect(open.seal.kind).toBe('open');
    expect(Buffer.from(open.parts[0] ?? [])).toEqual(Buffer.from(SECRET));
    expect(home.acts).toEqual([`export ${id}`, `open ${id}`]);
  });

  it('takes its own export back after a deletion elsewhere, sealed anew', async () => {
    const home = await installation();
    const { id } = await saveLoop(home, 1, SECRET);
    const file = await home.handlers.recording(id, { open: true });
    const other = await installation();
    const api = await reach(other);
    expect((await api.import(file)).id).toBe(id);
    const [part] = await other.store.parts(id);
    expect(Buffer.from(part?.bytes ?? []).includes(Buffer.from(SECRET))).toBe(false);
    const back = await decodeLoopFile(await api.recording(id, { open: true }));
    expect(Buffer.from(back.parts[0] ?? [])).toEqual(Buffer.from(SECRET));
  });

  it('refuses a file sealed elsewhere, and one that is none, in one sentence', async () => {
    const home = await installation();
    const { id } = await saveLoop(home, 1, SECRET);
    const sealed = await home.handlers.recording(id, { open: false });
    const api = await reach(await installation());
    expect(await codeOf(api.import(sealed))).toMatch(/^refused: .*key/);
    expect(await codeOf(api.import(new TextEncoder().encode('garbage')))).toMatch(/^refused: /);
  });

  it('deletes, and then there is nothing', async () => {
    const home = await installation();
    const api = await reach(home);
    const { id } = await saveLoop(home, 1, SECRET);
    await api.delete(id);
    expect(await codeOf(api.show(id))).toMatch(/^not-found: /);
    expect(home.acts).toEqual([`delete ${id}`]);
  });
});
