/** One user's data planted wherever Loop keeps something, then erased: a scan that opens every seal finds it before, and nothing after. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CaptureId } from '../../../src/domain/capture.ts';
import type { LoopId } from '../../../src/domain/ids.ts';
import { withCompanions } from '../../../src/api/handed-out.ts';
import { StorageError } from '../../../storage/errors.ts';
import { bearer } from '../../support/captures.ts';
import { erasureBench, type ErasureBench } from '../../support/erasure.ts';
import { served } from '../../support/api.ts';
import { findLeaks } from '../../support/leaks.ts';
import { RECORDER, transactionKey } from '../../support/transaction.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { exchangeSegments } from '../../support/recording.ts';

const ADA = 'ada-42-lovelace';
const BOB = 'bob-43-babbage';
/** What Ada typed, by where it lies. */
const HERS = ['her-failure', 'her-capture', 'her-exemplar', 'her-ambient', 'her-late'].map((what) => `${what}-Kx7`);
const [FAILURE = '', CAPTURE = '', EXEMPLAR = '', AMBIENT = '', LATE = ''] = HERS;
const ada = bearer({ sub: ADA });
const bob = bearer({ sub: BOB });
const REASON = { reason: `${ADA} wrote to us, ticket 811` };

let home: ErasureBench;
let api: ErasureBench['api'];

/** A loop of each kind, each with a text of hers. Route by route, so that Bob's good answers are exemplars as well. */
async function plant(): Promise<void> {
  const { bench } = home;
  await api.captures.start({ user: ADA, pairs: [], reason: `${ADA} rang`, who: 'jo', lookBack: true, forMs: 600_000 });
  bench
    .call('gateway')
    .request('/pay', { trace: 'a1', headers: ada, end: false })
    .requestBody(`{"note":"${FAILURE}"}`, true)
    .respond(500);
  bench
    .call('gateway')
    .request(`/of/${ADA}`, { trace: 'a2', headers: { 'x-user-id': ADA } })
    .respond(503);
  bench
    .call('gateway')
    .request('/cart', { trace: 'a3', headers: ada, end: false })
    .requestBody(CAPTURE, true)
    .respond(200);
  bench.clock.advance(1);
  bench
    .call('gateway')
    .request('/pay', { trace: 'b1', headers: bob, end: false })
    .requestBody('bob pays', true)
    .respond(500);
  await home.settle();
  for (const purpose of ['exemplar', 'ambient'] as const)
    home.keeper.take({
      purpose,
      subject: purpose === 'ambient' ? 'shop' : 'GET /pay',
      recorder: RECORDER,
      overwritten: 0,
      aliases: [],
      transaction: transactionKey(purpose === 'ambient' ? 8 : 9),
      records: encodeSegments(
        exchangeSegments(purpose === 'ambient' ? 801 : 901, 'shop', 'inbound', {
          path: '/pay',
          headers: ada,
          method: 'POST',
          body: purpose === 'ambient' ? AMBIENT : EXEMPLAR,
        }),
      ),
    });
  await home.settle();
}

const leaks = async () => findLeaks(await home.readable(), [ADA, ...HERS]);
const pathsOf = async () => (await home.loops()).map(({ path, purpose }) => `${purpose} ${path}`).toSorted();

beforeEach(async () => {
  home = await erasureBench();
  ({ api } = home);
  await plant();
});

describe('before it', () => {
  it('the scan finds her everywhere: this is what tells that it can', async () => {
    expect((await leaks()).toSorted()).toEqual([ADA, FAILURE, CAPTURE, EXEMPLAR, AMBIENT].toSorted());
    const [first] = await home.store.fingerprints({ limit: 9 });
    expect(first).toBeDefined();
    expect(await api.captures.list()).toHaveLength(1);
    expect(home.complaints).toEqual([]);
  });

  it('a timeline has what she did, by time, and no loop of Bob', async () => {
    const entries = await api.timeline({ user: ADA });
    const failures = entries.filter(({ loop }) => loop.purpose === 'failure' || loop.purpose === 'capture');
    expect(failures.map(({ loop }) => loop.path.replace(/[^/]*$/, '')).toSorted()).toEqual(['/', '/', '/of/']);
    expect(failures.every(({ captures }) => captures.length === 1)).toBe(true);
    const times = entries.map(({ loop }) => loop.startedAt);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect((await api.timeline({ user: BOB })).filter(({ loop }) => loop.purpose === 'failure')).toHaveLength(1);
    const from = failures[2]?.loop.startedAt ?? 0;
    expect((await api.timeline({ user: ADA, since: from + 1 })).length).toBeLessThan(entries.length);
    expect(await api.timeline({ user: 'nobody' })).toEqual([]);
  });

  it('in a timeline, who has timelines of a tenant only is told of no capture', async () => {
    const grants = [{ role: 'support', tenants: [{ name: 'all', services: ['*'] }] }] as const;
    const entries = await home.apiFor({ name: 'anna', by: 'token', grants }).timeline({ user: ADA });
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.flatMap(({ captures }) => captures)).toEqual([]);
  });

  it('the audit knows her by a random name only', async () => {
    await api.timeline({ user: ADA });
    const [looked] = (await home.audit.page({ limit: 1, act: 'timeline' })).entries;
    expect(looked?.about['user']).toMatch(/^user-[0-9a-f]{10}$/);
    expect(readFileSync(join(home.directory, 'audit.jsonl'), 'utf8')).not.toContain(ADA);
  });

  it('an erasure needs a reason', async () => {
    await expect(api.erase({ user: ADA, reason: '' })).rejects.toMatchObject({ code: 'invalid' });
    expect(await leaks()).toContain(FAILURE);
  });
});

describe('an erasure', () => {
  it('leaves nothing of her in anything that can be read, and everything of Bob', async () => {
    const before = (await home.loops()).length;
    const erased = await api.erase({ user: ADA, ...REASON });
    expect(await leaks()).toEqual([]);
    expect(erased).toMatchObject({
      captures: 1,
      loops: 3,
      notes: [expect.stringMatching(/^The memory of .* 90 s/), expect.stringMatching(/^Found is .* only a session/)],
    });
    expect(erased.exemplars).toBeGreaterThanOrEqual(2);
    expect((await home.loops()).length).toBe(before - erased.loops - erased.exemplars);
    expect((await api.timeline({ user: BOB })).filter(({ loop }) => loop.purpose === 'failure')).toHaveLength(1);
    expect(findLeaks(await home.readable(), ['bob pays', BOB]).toSorted()).toEqual(['bob pays', BOB]);
    expect(await api.timeline({ user: ADA })).toEqual([]);
    expect(await api.captures.list()).toEqual([]);
    expect((await home.audit.page({ limit: 99 })).chain.whole).toBe(true);
  });

  it('takes her out of the counts, and breaks the name she had in the audit', async () => {
    const users = async () =>
      (await home.store.fingerprints({ limit: 9 })).reduce((sum, one) => sum + (one.users ?? 0), 0);
    await api.timeline({ user: ADA });
    const counted = await users();
    await api.erase({ user: ADA, ...REASON });
    expect(await users()).toBeLessThan(counted);
    home.bench.clock.advance(61_000);
    await api.timeline({ user: ADA });
    const names = (await home.audit.page({ limit: 9, act: 'timeline' })).entries.map(({ about }) => about['user']);
    expect(new Set(names).size).toBe(2);
  });

  it('done twice finds nothing more', async () => {
    await api.erase({ user: ADA, ...REASON });
    expect(await api.erase({ user: ADA, ...REASON })).toMatchObject({ loops: 0, exemplars: 0, captures: 0, bytes: 0 });
  });

  it('goes on when what waits to be stored takes away what is stored of hers', async () => {
    const { bench, keeper, store } = home;
    let open: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => (open = resolve));
    bench.call('gateway', { direction: 'outbound' }).request(`/late/${LATE}`, { trace: 'a1' }).respond(500);
    bench.settle();
    // The keeper stands still until her captures are forgotten.
    const find = store.findByKeys.bind(store);
    store.findByKeys = (keys) => closed.then(() => find(keys));
    for (const part of bench.takeParts()) keeper.take(part);
    const forget = store.deleteCapture.bind(store);
    store.deleteCapture = (id) => forget(id).finally(open);
    const loopsOf = store.loopsOf.bind(store);
    const found: number[] = [];
    store.loopsOf = async (subject) => {
      const loops = await loopsOf(subject);
      found.push(loops.length);
      return loops;
    };
    expect(await api.erase({ user: ADA, ...REASON })).toMatchObject({ captures: 1, loops: 3 });
    const [before = 0, left = 0] = found;
    expect(left).toBe(before - 1);
    expect([await leaks(), home.complaints]).toEqual([[], []]);
  });

  it('that could not go on is asked for again, and finds what only the capture knew to be hers', async () => {
    const { bench, store } = home;
    bench.call('gateway').request('/nobodys', { trace: 'd2' }).respond(500);
    await home.settle();
    const id = (await home.loops()).find(({ path }) => path === '/nobodys')?.id as LoopId;
    const [capture] = await api.captures.list();
    const wish = { capture: capture?.id as CaptureId, user: '', bytes: 1, at: 0 };
    await store.save({ ...(await store.get(id)), parts: [] }, { wanted: [wish], subjects: [] });
    expect((await api.timeline({ user: ADA })).map(({ loop }) => loop.path)).not.toContain('/nobodys');
    const remove = store.delete.bind(store);
    store.delete = async () => Promise.reject(new StorageError('io', 'The disk is away.'));
    await expect(api.erase({ user: ADA, ...REASON })).rejects.toMatchObject({ code: 'failed' });
    store.delete = remove;
    expect(await api.captures.list()).toEqual([]);
    expect(await api.erase({ user: ADA, ...REASON })).toMatchObject({ loops: 4, captures: 0 });
    expect([await leaks(), await pathsOf()]).toEqual([[], expect.not.arrayContaining(['failure /nobodys'])]);
  });

  it('says who was handed copies', async () => {
    const [entry] = await api.timeline({ user: ADA });
    await api.recording(entry?.loop.id as LoopId, { open: true });
    const { notes } = await api.erase({ user: ADA, ...REASON });
    expect(notes.join(' ')).toMatch(
      /copies had been handed out, which are not erased: to token \(open\) on \d{4}-\d\d-\d\d\./,
    );
  });
});

it('knows copies of what went along with something else', async () => {
  const { store } = home;
  const [hers] = (await api.timeline({ user: ADA })).filter(({ loop }) => loop.purpose === 'ambient');
  const [his] = (await api.timeline({ user: BOB })).filter(({ loop }) => loop.purpose === 'failure');
  const id = his?.loop.id as LoopId;
  await store.save({ ...(await store.get(id)), companions: [hers?.loop.id as LoopId], parts: [] }, { subjects: [] });
  await api.recording(id, { open: false });
  const { notes } = await api.erase({ user: ADA, ...REASON });
  expect(notes.join(' ')).toContain('not erased: to token (export) on');
});

it('the audit says what a file holds, as far as an entry does', () => {
  const ids = Array.from({ length: 400 }, (_, number) => `id${String(number).padStart(10, '0')}` as LoopId);
  const facts = Object.entries(withCompanions(ids));
  expect(facts.slice(0, 2).map(([name]) => name)).toEqual(['companions', 'companions2']);
  expect([facts.length, Math.max(...facts.map(([, text]) => String(text).length)) <= 500]).toEqual([10, true]);
  expect(withCompanions([])).toEqual({});
});

describe('what memory still holds of her', () => {
  it('does not come back: late parts of what was kept, under her name or without any', async () => {
    const waiting = home.bench.call('gateway', { direction: 'outbound' }).request(`/${LATE}`, { trace: 'a1' });
    await api.erase({ user: ADA, ...REASON });
    const before = await pathsOf();
    waiting.respond(500);
    home.bench.call('gateway').request(`/late/${LATE}`, { trace: 'a1', headers: ada }).respond(500);
    await home.settle();
    expect([await pathsOf(), await leaks()]).toEqual([before, []]);
    expect(home.complaints).toEqual([]);
  });

  it('nor what is under way and fails now, nor what comes late of that without her name', async () => {
    const { bench } = home;
    const gateway = bench.call('gateway').request('/browse', { trace: 'a9', headers: ada });
    const out = bench.call('gateway', { direction: 'outbound' }).request(`/slow/${LATE}`, { trace: 'a9' });
    const slow = bench.call('orders').request(`/slow/${LATE}`, { trace: 'a9' });
    await api.erase({ user: ADA, ...REASON });
    const before = await pathsOf();
    slow.respond(500);
    out.respond(500);
    gateway.respond(500);
    await home.settle();
    bench.call('orders', { direction: 'outbound' }).request(`/more/${LATE}`, { trace: 'a9' }).respond(500);
    await home.settle();
    expect([await pathsOf(), await leaks()]).toEqual([before, []]);
  });

  it('nor what another sink, or a person, asks to be kept', async () => {
    home.bench
      .call('gateway')
      .request('/asked', { trace: 'a7', headers: ada, end: false })
      .requestBody(LATE, true)
      .respond(200);
    await api.erase({ user: ADA, ...REASON });
    const before = await pathsOf();
    home.bench.recorder.keep(transactionKey(7));
    await home.settle();
    expect([await pathsOf(), await leaks()]).toEqual([before, []]);
  });

  it('nor what a new capture finds by looking back; what she does from then on is hers to be captured', async () => {
    await api.erase({ user: ADA, ...REASON });
    home.bench.clock.advance(1_000);
    const { id } = await api.captures.start({
      user: ADA,
      pairs: [],
      reason: 'again',
      who: 'jo',
      lookBack: true,
      forMs: 600_000,
    });
    await home.settle();
    expect((await api.captures.show(id)).loops).toEqual([]);
    expect(findLeaks(await home.readable(), HERS)).toEqual([]);
    home.bench.call('gateway').request('/new', { trace: 'c1', headers: ada }).respond(200);
    await home.settle();
    expect((await api.captures.show(id)).loops).toMatchObject([{ path: '/new' }]);
  });
});

describe('an exported file of hers', () => {
  async function exported(): Promise<Uint8Array> {
    const entries = await api.timeline({ user: ADA });
    const failed = entries.find(({ loop }) => loop.path === '/pay' && loop.purpose === 'failure');
    return api.recording(failed?.loop.id as LoopId, { open: true });
  }

  it('nor when the erasure comes while it is being taken in', async () => {
    const file = await exported();
    await api.erase({ user: ADA, ...REASON });
    // As if nobody had been erased when that was asked.
    home.store.isBuried = async () => false;
    await expect(api.import(file)).rejects.toMatchObject({ code: 'refused' });
    expect(await leaks()).toEqual([]);
  });

  it('is not taken in again, unless somebody says that it may be, and that can be erased too', async () => {
    const file = await exported();
    await api.erase({ user: ADA, ...REASON });
    await expect(api.import(file)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(/shows a user whose data was erased here after it was recorded/),
      hint: expect.stringContaining('loopctl replay'),
    });
    expect(await leaks()).toEqual([]);
    const { client } = await served(api);
    await expect(client.import(file)).rejects.toMatchObject({ code: 'refused' });
    await client.import(file, { restore: true });
    expect(await leaks()).toContain(FAILURE);
    await api.erase({ user: ADA, ...REASON });
    expect(await leaks()).toEqual([]);
  });
});
