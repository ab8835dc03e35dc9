import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/daemon/metrics.ts';
import { VerdictLag } from '../../../src/daemon/metrics/verdict-lag.ts';
import { createCounters } from '../../../src/ingest/counters.ts';
import type { IngestStats } from '../../../src/ingest/client.ts';
import { Bench } from '../../support/recorder.ts';

const KEEPER = { kept: 2, overBudget: 3, swallowed: 5, lost: 1, lostBytes: 77, backlogBytes: 4, backlogParts: 1 };

async function samples(ingest: IngestStats | undefined): Promise<ReadonlyMap<string, number>> {
  const { text } = await createMetrics({ ingest: () => ingest, keeper: () => KEEPER })();
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
      load: { busy: 0.5, lateMs: 1, fullReads: 0, elapsedMs: 250 },
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

  it('for Prometheus, which asks for OpenMetrics first: counters are counters, each family stands once, and it ends', async () => {
    const lag = new VerdictLag({ now: () => 5000 });
    lag.listed(3600);
    const bench = new Bench();
    bench.exchange('shop', '/bad', 500, { trace: '2' }).ended();
    const ingest = {
      recorder: bench.recorder.stats(),
      counters: { ...createCounters(), messages: 6 },
      loopDelayMs: { max: 20, p99: 10, p50: 1, stalled: 1500 },
      load: { busy: 0.5, lateMs: 1, fullReads: 0, elapsedMs: 250 },
      heapBytes: 9,
    } as IngestStats;
    const metrics = createMetrics({
      ingest: () => ingest,
      keeper: () => KEEPER,
      usage: () => ({ loops: 2, bytes: 1000, freeBytes: 7 }),
      lag,
    });
    // As Prometheus 3 sends it.
    const accept =
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=0.0.4;q=0.4';
    const { type, text } = await metrics(accept);
    expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', kind = '']) => ({ name, kind }));
    expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
    expect(families).toContainEqual({ name: 'loop_ingest_messages', kind: 'counter' });
    expect(text).toContain('\nloop_ingest_messages_total 6\n');
    expect(text).toContain('\nloop_keeper_lost_bytes_total 77\n');
    expect(text).toContain('\nloop_ingest_busy_ratio{worker="0"} 0.5\n');
    expect(text).toContain('\nloop_ingest_stalled_seconds_total{worker="0"} 1.5\n');
    expect(text).toContain('\nloop_overload_level 0\n');
    expect(text).toContain('\nloop_store_free_bytes 7\n');
    expect(text).toContain('\nloop_verdict_lag_seconds_bucket{le="1.25"} 0\n');
    expect(text).toContain('\nloop_verdict_lag_seconds_bucket{le="1.5"} 1\n');

    const plain = await metrics('text/plain, application/openmetrics-text;q=0');
    expect(plain.type).toBe('text/plain; version=0.0.4; charset=utf-8');
    // Under the new name and the one it had.
    expect(plain.text).toContain('\nloop_ingest_messages_total 6\n');
    expect(plain.text).toContain('\nloop_ingest_messages 6\n');
    expect(plain.text).toContain('\nloop_verdict_lag_seconds_count 1\n');
  });
});
