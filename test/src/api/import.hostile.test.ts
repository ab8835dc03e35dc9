/** Files made to do harm, in the hands of whoever imports them: refused in a sentence, soon, and nothing of them stays. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ApiError } from '../../../src/api/error.ts';
import { createHandlers } from '../../../src/api/handlers.ts';
import { importLoopFile } from '../../../src/api/import.ts';
import { IMPORT_CAPS } from '../../../src/api/import-caps.ts';
import type { LoopFile } from '../../../src/domain/loop-file.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import type { Segment } from '../../../src/domain/segment.ts';
import { sealPart, wrapKey } from '../../../src/seal/envelope.ts';
import { loadOrCreateStoreKey } from '../../../src/seal/keyfile.ts';
import { newDataKey } from '../../../src/seal/keys.ts';
import { parseLoopView } from '../../../src/seal/view-schema.ts';
import { decodePart, encodePart } from '../../../src/wire/segments/part.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import { StorageError } from '../../../storage/errors.ts';
import { openLocalStore } from '../../../storage/local.ts';
import type { LoopStore } from '../../../storage/port.ts';
import { ADMIN } from '../../support/api.ts';
import { exchangeSegments, recordingOf } from '../../support/recording.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { RECORDER, T0 } from '../../support/transaction.ts';

const RECORDING = {
  service: 'orders',
  trigger: {
    method: 'POST',
    path: '/orders?token=t0ken-0815',
    headers: { authorization: 'Bearer s3cr3t-0815' },
    body: '{"password":"hunter2-0815"}',
    answer: { status: 500, body: '{"error":"boom"}' },
  },
  calls: [{ path: '/coupons', authority: 'promotions.shop' }],
};

const ambient = (number: number) =>
  recordingOf({ service: 'orders', purpose: 'ambient', number, trigger: { path: '/flags' } });

async function home() {
  const directory = temporaryDirectory();
  const key = await loadOrCreateStoreKey(join(directory, 'data', 'key'));
  const store = await openLocalStore(join(directory, 'store'), { clock: { now: () => T0 } });
  onTestFinished(() => store.close());
  const acts: string[] = [];
  const audit = { record: async ({ act }: { readonly act: string }) => void acts.push(act) };
  const api = createHandlers({ store, key, audit, createdBy: 'loop test' })(ADMIN);
  return { api, key, store, acts, kept: () => readdirSync(join(directory, 'store', 'loops')) };
}

type Home = Awaited<ReturnType<typeof home>>;

/** What it said, within two seconds, having stored and audited nothing. */
async function refusal({ api, kept, acts }: Home, file: LoopFile): Promise<string> {
  const bytes = await encodeLoopFile(file);
  const before = [kept(), [...acts]];
  const began = performance.now();
  const result = await api.import(bytes).catch((error: unknown) => error);
  expect(performance.now() - began).toBeLessThan(2_000);
  expect([kept(), acts]).toEqual(before);
  if (result instanceof ApiError && result.code === 'refused') return result.message;
  throw new Error(`was not refused: ${String(result)}`);
}

function withRecords(records: Uint8Array, more: { readonly overwritten?: number } = {}): LoopFile {
  return { ...recordingOf(RECORDING), parts: [encodePart({ recorder: RECORDER, overwritten: 0, ...more, records })] };
}

/** Its first record, changed. */
function bent(change: (view: DataView) => void): LoopFile {
  const records = encodeSegments(exchangeSegments(1, 'orders', 'inbound', RECORDING.trigger));
  change(new DataView(records.buffer, records.byteOffset, records.byteLength));
  return withRecords(records);
}

describe('records', () => {
  it.each([
    ['that claim 4 GiB', (view: DataView) => view.setUint32(0, 0xffff_ffff, true)],
    ['that claim 2 GiB', (view: DataView) => view.setUint32(0, 0x7fff_ffff, true)],
    ['that claim one byte too many', (view: DataView) => view.setUint32(0, view.byteLength - 27, true)],
  ])('%s', async (_, change) => {
    expect(await refusal(await home(), bent(change))).toBe(
      'The loop file is damaged: a part holds bytes that are no record.',
    );
  });

  it('that are cut off', async () => {
    const records = encodeSegments(exchangeSegments(1, 'orders', 'inbound', RECORDING.trigger));
    expect(await refusal(await home(), withRecords(records.subarray(0, -4)))).toMatch(/no record/);
    expect(await refusal(await home(), withRecords(records.subarray(0, 20)))).toMatch(/no record/);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 8.64e15 + 2, 1e300])(
    'that came at %d',
    async (at) => {
      expect(
        await refusal(
          await home(),
          bent((view) => view.setFloat64(20, at, true)),
        ),
      ).toBe('The loop file is damaged: a record came at no time.');
    },
  );

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('of which %d were overwritten', async (overwritten) => {
    expect(await refusal(await home(), withRecords(new Uint8Array(), { overwritten }))).toMatch(/cannot be counted/);
  });

  it('a million of them', async () => {
    const records = new Uint8Array(28 * 1_000_000);
    const view = new DataView(records.buffer);
    for (let offset = 0; offset < records.length; offset += 28) {
      view.setUint32(offset + 8, 1, true);
      view.setFloat64(offset + 20, T0, true);
    }
    expect(await refusal(await home(), withRecords(records))).toBe(
      'The loop file is too large: it has more than 500000 records.',
    );
  });

  it('of more exchanges than can be linked in time', async () => {
    const opened = (stream: number): Segment => ({
      kind: 'opened',
      payload: new Uint8Array(),
      stream,
      sequence: 0,
      at: T0,
      flags: 0,
      openInbound: 0,
      owner: 0,
    });
    const records = encodeSegments(Array.from({ length: 5_001 }, (_, index) => opened(index + 1)));
    expect(await refusal(await home(), withRecords(records))).toBe(
      'The loop file is too large: a recording has more than 5000 exchanges and connections.',
    );
  });

  it('nobody here can read are kept, and do not spoil the list', async () => {
    const { api } = await home();
    const file = { ...recordingOf(RECORDING), parts: [Buffer.from('LPRT of a newer version')] };
    const { id, startedAt, holes } = await api.import(await encodeLoopFile(file));
    expect(new Date(startedAt).toISOString()).toBe(new Date(file.summary.startedAt).toISOString());
    expect(holes).toEqual(['1 parts were written by a newer version']);
    expect((await api.list({ purpose: 'failure', limit: 1 })).loops.map((loop) => loop.id)).toEqual([id]);
  });
});

describe('a seal', () => {
  it('over a bomb is not opened', async () => {
    const there = await home();
    const { summary, view, subject, createdBy } = recordingOf(RECORDING);
    const key = newDataKey();
    const bomb = sealPart(new Uint8Array(100 * 1024 * 1024), key, summary.id, 0).bytes;
    expect(bomb.length).toBeLessThan(10_000);
    const seal = { kind: 'sealed', keyId: there.key.id, wrappedKey: wrapKey(key, there.key, summary.id) } as const;
    const file = { summary, view, subject, createdBy, seal, parts: [bomb], companions: [] };
    const before = process.memoryUsage().rss;
    expect(await refusal(there, file)).toMatch(/its parts open to 104857600 bytes, more than 200 times/);
    expect(process.memoryUsage().rss - before).toBeLessThan(20_000_000);
    // A header that says less than there is.
    const lying = Buffer.from(bomb);
    lying.writeUInt32LE(1000, 16);
    expect(await refusal(there, { ...file, parts: [lying] })).toMatch(/is not what was sealed/);
  });

  it('on many parts that are small each counts them together', async () => {
    const there = await home();
    const { summary, ...rest } = recordingOf(RECORDING);
    const key = newDataKey();
    const bomb = (index: number) => sealPart(new Uint8Array(60_000_000), key, summary.id, index).bytes;
    const seal = { kind: 'sealed', keyId: there.key.id, wrappedKey: wrapKey(key, there.key, summary.id) } as const;
    expect(await refusal(there, { ...rest, summary, seal, parts: [bomb(0), bomb(1)] })).toMatch(/open to 120000000/);
  });

  it.each(['LWK1', ''])('of a wrapped key that is "%s"', async (text) => {
    const seal = { kind: 'sealed', keyId: '0'.repeat(16), wrappedKey: Buffer.from(text) } as const;
    expect(await refusal(await home(), { ...recordingOf(RECORDING), seal })).toMatch(/I cannot read the wrapped key/);
  });
});

describe('companions', () => {
  it('that are no profiles are refused: nobody could delete what they name', async () => {
    const there = await home();
    const failure = recordingOf({ ...RECORDING, number: 2 });
    const file = recordingOf({ ...RECORDING, companions: [failure] });
    expect(await refusal(there, file)).toBe(
      `The loop file is damaged: its companion ${failure.summary.id} is a failure.`,
    );
    // Nor by the name of a failure that is here.
    await there.api.import(await encodeLoopFile(failure));
    const masked = { ...failure, summary: { ...failure.summary, purpose: 'ambient' as const } };
    expect(await refusal(there, recordingOf({ ...RECORDING, companions: [masked] }))).toMatch(/is a failure/);
    await there.api.delete(failure.summary.id);
    expect(there.kept()).toEqual([]);
  });

  it('of which the last is broken leave nothing of the first', async () => {
    const broken = { ...ambient(3), parts: withRecords(new Uint8Array(5)).parts };
    const file = recordingOf({ ...RECORDING, companions: [ambient(2), broken] });
    expect(await refusal(await home(), file)).toMatch(/no record/);
  });

  it('of which each shows little and all too much', async () => {
    const { store, key, kept } = await home();
    const options = { store, key, allowed: async () => undefined, caps: { ...IMPORT_CAPS, viewCharacters: 5_000 } };
    const file = recordingOf({ ...RECORDING, companions: [2, 3, 4, 5, 6, 7].map(ambient) });
    await expect(importLoopFile(await encodeLoopFile(file), options)).rejects.toMatchObject({ code: 'too-large' });
    expect(kept()).toEqual([]);
  });

  it('go again when the disk fills up behind them, and what was here before stays', async () => {
    const { store, key, kept } = await home();
    const options = { key, allowed: async () => undefined };
    const here = ambient(9);
    await importLoopFile(await encodeLoopFile(here), { ...options, store });
    const file = recordingOf({ ...RECORDING, companions: [here, ambient(2), ambient(3)] });
    for (const saves of [0, 1, 2]) {
      const failing = fullAfter(store, saves);
      await expect(importLoopFile(await encodeLoopFile(file), { ...options, store: failing })).rejects.toMatchObject({
        code: 'full',
      });
      expect(kept()).toEqual([here.summary.id]);
    }
    await importLoopFile(await encodeLoopFile(file), { ...options, store });
    expect(kept()).toHaveLength(4);
  });
});

/** The real store, with room for so many more loops. */
function fullAfter(store: LoopStore, saves: number): LoopStore {
  let left = saves;
  const full = async (): Promise<void> => {
    throw new StorageError('full', 'There is no space left.');
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'save' && left-- <= 0) return full;
      const found: unknown = Reflect.get(target, name);
      return typeof found === 'function' ? (found.bind(target) as unknown) : found;
    },
  });
}

describe('a real file, changed at random', () => {
  /** Taken in and shown, or refused with nothing left. */
  async function outcome({ api, kept }: Home, bytes: Uint8Array): Promise<string> {
    const result: LoopSummary | ApiError = await api.import(bytes).catch((error: unknown) => {
      if (error instanceof ApiError) return error;
      throw error;
    });
    if (result instanceof ApiError) {
      if (result.code !== 'refused' || kept().length > 0) throw new Error(`${result.code}, with ${kept().join()} left`);
      return 'refused';
    }
    const { loops } = await api.list({ purpose: result.purpose, limit: 10 });
    for (const { startedAt } of loops) new Date(startedAt).toISOString();
    const { view } = await api.show(result.id);
    expect(parseLoopView(view)).toBeDefined();
    expect(view + JSON.stringify(loops)).not.toMatch(/t0ken-0815|s3cr3t-0815|hunter2-0815/);
    for (const id of kept().toSorted((one) => Number(one !== result.id)) as (typeof result.id)[]) await api.delete(id);
    return 'taken in';
  }

  const byte = fc.nat(255);
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const change = fc.oneof(
    fc.record({ kind: fc.constant('set' as const), at: place, value: byte }),
    fc.record({ kind: fc.constant('cut' as const), at: place, to: place }),
    fc.record({ kind: fc.constant('copy' as const), at: place, to: place, length: fc.nat(2000) }),
    fc.record({ kind: fc.constant('insert' as const), at: place, bytes: fc.uint8Array({ maxLength: 600 }) }),
    fc.record({ kind: fc.constant('number' as const), at: place, value: fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1) }),
  );
  type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never;

  function apply(bytes: Uint8Array, one: Change): Uint8Array {
    const at = Math.floor(one.at * bytes.length);
    const copy = Buffer.from(bytes);
    switch (one.kind) {
      case 'set':
        if (copy.length > 0) copy[at] = one.value;
        return copy;
      case 'number':
        if (copy.length >= at + 4) copy.writeUInt32LE(one.value, at);
        return copy;
      case 'insert':
        return Buffer.concat([copy.subarray(0, at), one.bytes, copy.subarray(at)]);
      case 'cut':
        return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.floor(one.to * copy.length))]);
      case 'copy':
        copy.copy(copy, at, Math.floor(one.to * copy.length), Math.floor(one.to * copy.length) + one.length);
        return copy;
    }
  }

  it('byte by byte, sealed and open', { timeout: 120_000 }, async () => {
    const there = await home();
    const origin = await home();
    const { id } = await origin.api.import(
      await encodeLoopFile(recordingOf({ ...RECORDING, companions: [ambient(2)] })),
    );
    const files = [await origin.api.recording(id, { open: false }), await origin.api.recording(id, { open: true })];
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.array(change, { minLength: 1, maxLength: 4 }), async (which, changes) => {
        seen.add(await outcome(there, changes.reduce(apply, files[which] ?? new Uint8Array())));
      }),
      { numRuns: 2_000 },
    );
    expect(seen).toContain('refused');
  });

  it('in its records, with digests that are right', { timeout: 120_000 }, async () => {
    const there = await home();
    const file = recordingOf(RECORDING);
    const part = decodePart(file.parts[0] ?? new Uint8Array());
    const records = part?.records ?? new Uint8Array();
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const parts = [encodePart({ recorder: RECORDER, overwritten: 0, records: changes.reduce(apply, records) })];
        outcomes.add(await outcome(there, await encodeLoopFile({ ...file, parts })));
      }),
      { numRuns: 700 },
    );
    expect([...outcomes].toSorted()).toEqual(['refused', 'taken in']);
  });
});

it('the caps leave room for what a recorder makes', () => {
  const transactionBytes = 32 * 1024 * 1024;
  expect(IMPORT_CAPS.openedBytes).toBeGreaterThan(10 * transactionBytes);
  expect(IMPORT_CAPS.records).toBeGreaterThan(transactionBytes / 88);
});
