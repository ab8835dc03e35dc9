// One failure again and again, a second one that looks the same from outside, and a different one: what is kept, and what is counted.
import { mkdtempSync, rmSync } from 'node:fs';
import type * as http2 from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { FingerprintSummary } from '../../src/domain/fingerprint.ts';
import type { ChildLoopd } from '../support/child-loopd.ts';
import { startChildLoopd } from '../support/child-loopd.ts';
import { loopctl } from '../support/cli.ts';
import { connectTo } from '../support/extproc-client.ts';
import { EXCHANGES, failures, sendOutage } from '../support/outage-load.ts';
import { allKept } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const BUDGET = 5;
/** A machine with other work brings what belongs together so far apart: this is about counting, not about what comes late. */
const SETTLE = 'recorder: {settleMs: 4000}\n';
const FAILURES = 2000;
const PER_SECOND = 400;
/** The second bug: sent until a probe has found it, and some more. */
const BATCH = 100;

const sum = (all: readonly FingerprintSummary[]): number => all.reduce((total, { seen }) => total + seen, 0);

describe('2,000 failures of one kind', () => {
  let data: string;
  let loopd: ChildLoopd;
  let sessions: readonly http2.ClientHttp2Session[];
  let counted: readonly FingerprintSummary[];
  let loops: readonly LoopSummary[];

  const allCounted = (expected: number) =>
    until(
      () => loopd.api.fingerprints({ limit: 50 }),
      (listed) => sum(listed) >= expected,
    );

  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'loop-outage-'));
    loopd = await startChildLoopd(data, SETTLE, BUDGET);
    sessions = [1, 2, 3, 4].map(() => connectTo({ kind: 'unix', path: join(data, 'sink.sock') }));
    const other = { kind: 'profile', trace: 'f'.repeat(32), user: 'anna', error: '' } as const;
    const outage = failures(FAILURES, 1, 'no price').toSpliced(FAILURES / 2, 0, other);
    await sendOutage(sessions, { failures: outage, perSecond: PER_SECOND });
    counted = await allCounted(FAILURES + 1);
    loops = await allKept(loopd.api, counted);
  });

  afterAll(async () => {
    for (const session of sessions) session.destroy();
    await loopd.stop();
    rmSync(data, { recursive: true, force: true });
  });

  test('are counted, every one, and as many kept as the budget says, whole', () => {
    const outage = counted.find(({ service }) => service === 'pricing');
    expect(outage).toMatchObject({ seen: FAILURES, kept: BUDGET, guessed: 0 });
    // Of those that were looked at: the brake only counts.
    expect(outage?.users).toBeGreaterThan(BUDGET);
    expect(outage?.users).toBeLessThanOrEqual(40);
    expect(outage?.versions).toEqual([{ version: 'pricing@1.4.2', seen: FAILURES }]);
    const kept = loops.filter(({ fingerprint }) => fingerprint === outage?.fingerprint);
    expect(kept.map(({ exchanges, holes }) => [exchanges, holes])).toEqual(
      Array.from({ length: BUDGET }, () => [EXCHANGES, []]),
    );
  });

  test('leave room for another in their midst, whole too', () => {
    expect(counted.find(({ service }) => service === 'accounts')).toMatchObject({ seen: 1, kept: 1 });
    expect(loops.find(({ origin }) => origin?.service === 'accounts')).toMatchObject({ exchanges: 3, holes: [] });
  });

  test('cost the keeper a fraction of them, and every segment has one fate', async () => {
    const metrics = await loopd.metrics();
    const parts = ['kept', 'over-budget'].map((fate) => metrics[`loop_keeper_recordings{fate="${fate}"}`] ?? 0);
    const [kept = 0, refused = 0] = parts;
    expect([kept, metrics['loop_keeper_recordings{fate="lost"}']]).toEqual([BUDGET + 1, 0]);
    expect(metrics['loop_brake_counted']).toBe(FAILURES + 1 - kept - refused);
    expect(refused).toBeLessThan(FAILURES / 2);
    const fates = ['kept', 'tossed', 'overwritten', 'history', 'shed', 'inFlight'];
    const segments = fates.map((fate) => metrics[`loop_recorder_segments{fate="${fate}"}`] ?? 0);
    expect(segments.reduce((total, fate) => total + fate, 0)).toBe(metrics['loop_recorder_segments{fate="received"}']);
  });

  test('read so in the listings', async () => {
    const listed = await loopctl(['list', 'fingerprints', '--service', 'pricing'], { data });
    expect(listed.stdout).toMatch(/×2,000 +5 +\d+\+ +pricing +GET \/price\/\* +500/);
    const [loop] = loops.filter(({ origin }) => origin?.service === 'pricing');
    expect((await loopctl(['list', 'failures'], { data })).stdout).toMatch(/×2,000/);
    expect((await loopctl(['show', loop?.id ?? ''], { data })).stdout).toMatch(
      /seen 2,000 times since .*, by at least \d+ users, versions pricing@1\.4\.2 \(2,000\)/,
    );
  });

  test('hide no other bug for long that looks the same from outside: a probe finds it, and it is kept as well', async () => {
    let sent = 0;
    const found = await until(
      async () => {
        await sendOutage(sessions, { failures: failures(BATCH, 1e9 + sent, 'no rounding'), perSecond: PER_SECOND });
        sent += BATCH;
        const listed = await loopd.api.fingerprints({ limit: 50, service: 'pricing' });
        return listed.find(
          ({ fingerprint }) => fingerprint !== counted.find(({ service }) => service === 'pricing')?.fingerprint,
        );
      },
      (bug) => bug?.kept === BUDGET,
    );
    expect(found).toMatchObject({ kept: BUDGET });
    expect(sum(await allCounted(FAILURES + 1 + sent))).toBe(FAILURES + 1 + sent);
  });
});
