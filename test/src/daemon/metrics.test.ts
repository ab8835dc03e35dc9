import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/daemon/metrics.ts';
import { createCounters } from '../../../src/ingest/counters.ts';
import type { IngestStats } from '../../../src/ingest/client.ts';
import { Bench } from '../../support/recorder.ts';

const KEEPER = { kept: 2, overBudget: 3, swallowed: 5, lost: 1, lostBytes: 77, backlogBytes: 4 };

async function samples(ingest: IngestStats | undefined): Promise<ReadonlyMap<string, number>> {
  const text = await createMetrics({ ingest: () => ingest, keeper: () => KEEPER })();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('the metrics', () => {
  it('before the ingest thread has told its numbers: those of the keeper', async () => {
    const seen = await samples(undefined);
    expect(seen.get('loop_keeper_recordings{fate="kept"}')).toBe(2);
    expect(seen.get('loop_keeper_recordings{fate="over-budget"}')).toBe(3);
    expect(seen.get('loop_keeper_recordings{fate="lost"}')).toBe(1);
    expect(seen.get('loop_keeper_backlog_bytes')).toBe(4);
    expect(seen.get('loop_memory_bytes{kind="resident"}')).toBeGreaterThan(0);
  });

  it('of a recorder: what was received is the sum of its fates', async () => {
    const bench = new Bench();
    bench.exchange('shop', '/good', 200, { trace: '1' }).ended();
    bench.exchange('shop', '/bad', 500, { trace: '2' }).ended();
    bench.settle();
    bench.exchange('shop', '/new', 200, { trace: '3' });
    const counters = { ...createCounters(), messages: 6, faults: 1 };
    counters.refused.protocol = 5;
    const seen = await samples({
      recorder: bench.recorder.stats(),
      counters,
      loopDelayMs: { max: 20 },
      heapBytes: 9,
    } as IngestStats);
    const of = (fate: string) => seen.get(`loop_recorder_segments{fate="${fate}"}`) ?? Number.NaN;
    expect(of('received')).toBe(
      of('inFlight') + of('kept') + of('tossed') + of('history') + of('overwritten') + of('shed'),
    );
    expect(of('kept')).toBeGreaterThan(0);
    expect(of('tossed')).toBeGreaterThan(0);
    expect(of('inFlight')).toBeGreaterThan(0);
    expect(seen.get('loop_recorder_transactions{verdict="kept"}')).toBe(1);
    expect(['counted', 'probes', 'signatures'].map((name) => seen.get(`loop_brake_${name}`))).toEqual([0, 0, 0]);
    expect(seen.get('loop_ingest_messages')).toBe(6);
    expect(seen.get('loop_ingest_faults')).toBe(1);
    expect(seen.get('loop_ingest_refused{reason="protocol"}')).toBe(5);
    expect(seen.get('loop_ingest_delay_seconds')).toBe(0.02);
  });
});
