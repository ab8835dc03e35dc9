import { describe, expect, it } from 'vitest';
import { JointSamples } from '../../../src/ingest/joint-samples.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { ManualTime } from '../../support/manual-time.ts';
import { RECORDER_ID, traceKey } from '../../support/recorder.ts';

function joint() {
  const clock = new ManualTime();
  const handed: RecordedPart[] = [];
  const samples = new JointSamples({
    limits: { exemplarsPerRoute: 2, exemplarMs: 60_000, routes: 10, settleMs: 1000 },
    clock,
    schedule: (ms, run) => clock.schedule(ms, run),
    hand: (part) => handed.push(part),
  });
  return { clock, handed, samples };
}

function exemplar(trace: string, subject = 'orders GET /orders/{id}'): RecordedPart {
  const transaction = traceKey(trace);
  const about = { purpose: 'exemplar', recorder: RECORDER_ID, aliases: [], overwritten: 0 } as const;
  return { ...about, transaction, subject, records: new Uint8Array(1) };
}

describe('exemplars of several workers', () => {
  it('are as many for a route as one would hand out', () => {
    const { clock, handed, samples } = joint();
    for (const trace of ['a1', 'a2', 'a3']) samples.take(exemplar(trace));
    samples.take(exemplar('b1', 'pricing GET /price/{id}'));
    expect(handed).toEqual([]);
    clock.advance(3000);
    expect(handed.map(({ transaction }) => transaction)).toEqual([traceKey('a1'), traceKey('a2'), traceKey('b1')]);
  });

  it('are none when the other half fails, before or a little after', () => {
    const { clock, handed, samples } = joint();
    samples.spoil([traceKey('a1')]);
    samples.take(exemplar('a1'));
    samples.take(exemplar('a2'));
    clock.advance(2000);
    samples.spoil([traceKey('a2')]);
    clock.advance(1000);
    expect(handed).toEqual([]);
  });

  it('wait no longer when nothing more comes', () => {
    const { handed, samples } = joint();
    samples.take(exemplar('a1'));
    samples.flush();
    expect(handed).toHaveLength(1);
  });
});
