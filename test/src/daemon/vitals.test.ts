import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ANSWERS } from '../../../src/api/contract/shapes.ts';
import { withVitals } from '../../../src/api/vitals.ts';
import { storeUsage } from '../../../src/daemon/store-usage.ts';
import { SAMPLE_MS, VitalSigns, type VitalSources } from '../../../src/daemon/vitals.ts';
import { createCounters } from '../../../src/ingest/counters.ts';
import type { IngestStats } from '../../../src/ingest/client.ts';
import { installation } from '../../support/api.ts';
import { ManualTime } from '../../support/manual-time.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const NOTHING = { segments: 0, bytes: 0 };

function told(callsOpened: number, kept: number, lostBytes: number): IngestStats {
  const fates = { received: NOTHING, inFlight: NOTHING, kept: NOTHING, tossed: NOTHING, history: NOTHING };
  const lost = { overwritten: { segments: 1, bytes: lostBytes }, shed: NOTHING };
  return {
    counters: { ...createCounters(), callsOpened },
    recorder: {
      fates: { ...fates, ...lost },
      historySeconds: 90,
      sidecars: [{ service: 'shop', instance: 'shop-1', lastSeenAt: 5 }],
      keptTransactions: kept,
      tossedTransactions: 0,
    },
    loopDelayMs: { p50: 1, p99: 2, max: 3, stalled: 0 },
    heapBytes: 1,
  } as unknown as IngestStats;
}

function bench(more: Partial<VitalSources> = {}) {
  const clock = new ManualTime();
  const now: { ingest: IngestStats | undefined; trouble: string | undefined } = {
    ingest: undefined,
    trouble: undefined,
  };
  let measured = 0;
  const vitals = new VitalSigns({
    clock,
    addresses: [
      { kind: 'tcp', host: '127.0.0.1', port: 5678 },
      { kind: 'unix', path: '/run/sink.sock' },
    ],
    ingest: () => now.ingest,
    historySeconds: () => undefined,
    usage: async () => {
      measured += 1;
      return { loops: 2, bytes: 1000, freeBytes: 5000 };
    },
    residentBytes: () => 77,
    trouble: () => now.trouble,
    warning: () => undefined,
    retentionDays: 7,
    ...more,
  });
  const pass = () => {
    clock.advance(SAMPLE_MS);
    vitals.sample();
  };
  const points = async (name: string) => (await vitals.read()).series.find((one) => one.name === name)?.points;
  return { vitals, now, pass, points, measured: () => measured };
}

describe('vitals', () => {
  it('say that the certificate which is shown will not be the next one', async () => {
    const { vitals, now } = bench();
    now.ingest = told(1, 0, 0);
    expect((await vitals.read()).warning).toBeUndefined();
    now.ingest.counters.certificates.failing = 1;
    expect((await vitals.read()).warning).toContain('sink.tls');
  });

  it('before the ingest thread has told anything are there, and of the promised shape', async () => {
    const { vitals, pass } = bench();
    pass();
    const read = await vitals.read();
    expect(ANSWERS.vitals.safeParse(read).error).toBeUndefined();
    expect(read).toMatchObject({
      everyMs: SAMPLE_MS,
      sink: { addresses: ['127.0.0.1:5678', '/run/sink.sock'], sidecars: [], historySeconds: 0 },
      fates: {},
      store: { loops: 2, bytes: 1000, freeBytes: 5000, retentionDays: 7 },
    });
    expect(read.trouble).toBeUndefined();
  });

  it('are rates between two samples, and null where one of them is missing', async () => {
    const { now, pass, points } = bench();
    pass();
    now.ingest = told(100, 1, 0);
    pass();
    now.ingest = told(150, 2, 5000);
    pass();
    expect(await points('exchangesPerSecond')).toEqual([null, null, 10]);
    expect(await points('keptPerMinute')).toEqual([null, null, 12]);
    expect(await points('lostBytesPerSecond')).toEqual([null, null, 1000]);
    expect(await points('historySeconds')).toEqual([null, 90, 90]);
    expect(await points('eventLoopDelayMs')).toEqual([null, 3, 3]);
    expect(await points('residentBytes')).toEqual([77, 77, 77]);
  });

  it('hold an hour, and measure the store once a minute', async () => {
    const { pass, points, measured } = bench();
    for (let sample = 0; sample < 1000; sample += 1) pass();
    expect(await points('residentBytes')).toHaveLength(720);
    expect(measured()).toBe(Math.ceil((1000 * SAMPLE_MS) / 60_000));
  });

  it('tell trouble and sidecars', async () => {
    const { vitals, now } = bench();
    now.ingest = told(1, 0, 0);
    now.trouble = 'The disk is full.';
    expect(await vitals.read()).toMatchObject({
      trouble: 'The disk is full.',
      sink: { sidecars: [{ service: 'shop', instance: 'shop-1', lastSeenAt: 5 }], historySeconds: 90 },
    });
  });

  it('are not for somebody with roles in a part of the installation', async () => {
    const { vitals } = bench();
    const apiFor = withVitals((await installation()).apiFor, () => vitals.read());
    const tenants = [{ name: 'shop', services: ['shop'] }];
    const partly = apiFor({ name: 'anna', by: 'session', grants: [{ role: 'admin', tenants }] });
    await expect(partly.vitals()).rejects.toMatchObject({ code: 'forbidden' });
    const viewer = apiFor({ name: 'bob', by: 'session', grants: [{ role: 'viewer' }] });
    expect((await viewer.vitals()).at).toBeGreaterThan(0);
  });
});

describe('the room that a store takes', () => {
  it('is that of its files; directories of loops are counted', async () => {
    const store = temporaryDirectory();
    mkdirSync(join(store, 'loops', 'aaaaaaaaaaaa'), { recursive: true });
    mkdirSync(join(store, 'loops', 'bbbbbbbbbbbb'));
    writeFileSync(join(store, 'loops', 'aaaaaaaaaaaa', 'x.seg'), 'x'.repeat(300));
    writeFileSync(join(store, 'index.sqlite'), 'x'.repeat(200));
    const usage = await storeUsage(store);
    expect(usage).toMatchObject({ loops: 2, bytes: 500 });
    expect(usage.freeBytes).toBeGreaterThan(0);
    await expect(storeUsage(join(store, 'nowhere'))).rejects.toThrow('ENOENT');
  });
});
