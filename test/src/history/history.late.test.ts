// The same traffic twice: once with memory enough for all of it, once with memory for the last few exchanges and history behind it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assemble } from '../../../src/assembly/transaction.ts';
import { SegmentFlag } from '../../../src/domain/segment.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { HistoryBench } from '../../support/history.ts';
import {
  bind,
  bindComplete,
  client,
  close,
  closeComplete,
  complete,
  execute,
  handshake,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  sync,
} from '../../support/postgres-wire.ts';
import type { Sent } from '../../support/postgres-wire.ts';
import { Bench, segmentsOf, traceKey } from '../../support/recorder.ts';
import type { Call } from '../../support/recorder.ts';

const TRACES = 5;

const pick = (max: number) => fc.nat({ max });
const operation = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), trace: pick(TRACES - 1), inbound: fc.boolean() }),
  fc.record({ kind: fc.constant('body' as const), call: pick(9), bytes: pick(3_000) }),
  fc.record({ kind: fc.constant('answer' as const), call: pick(9) }),
  fc.record({ kind: fc.constant('ask' as const), connection: pick(1), number: pick(99), rows: pick(20) }),
  fc.record({ kind: fc.constant('prepare' as const), connection: pick(1), number: pick(3) }),
  fc.record({ kind: fc.constant('use' as const), connection: pick(1), number: pick(3) }),
  fc.record({ kind: fc.constant('close' as const), connection: pick(1), number: pick(3) }),
  fc.record({ kind: fc.constant('noise' as const), times: pick(12) }),
  fc.record({ kind: fc.constant('wait' as const) }),
);
const traffic = fc.array(operation, { minLength: 10, maxLength: 120 });
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

function said(step: Operation): readonly Sent[] {
  const answer = [row('1'), complete('SELECT 1'), ready()] as const;
  const prepared = `p${'number' in step ? step.number : 0}`;
  if (step.kind === 'ask') {
    const rows = Array.from({ length: step.rows }, () => row('1'));
    return [client(query(`select ${step.number}`)), server(...rows, ...answer)];
  }
  if (step.kind === 'prepare')
    return [client(parse(`select '${prepared}'`, prepared), sync), server(parseComplete, ready())];
  if (step.kind === 'use') return [client(bind(['7'], prepared), execute(), sync), server(bindComplete, ...answer)];
  if (step.kind === 'close') return [client(close('statement', prepared), sync), server(closeComplete, ready())];
  return [];
}

/** Plays the traffic; everything has ended and is at rest then. */
function play(bench: Bench, steps: readonly Operation[]): void {
  const database = { direction: 'outbound', protocol: 'postgres' } as const;
  const connections = [0, 1].map(() =>
    bench
      .call('carts', database)
      .connect()
      .pass(...handshake),
  );
  let open: Call[] = [];
  const answer = (call: Call): void => void call.requestBody('', true).respond(200);
  for (const step of steps) {
    bench.clock.advance(7);
    const call = 'call' in step ? open[step.call % Math.max(1, open.length)] : undefined;
    if (step.kind === 'begin') {
      const direction = step.inbound ? 'inbound' : 'outbound';
      open.push(bench.call('carts', { direction }).request('/carts', { trace: `a${step.trace}`, end: false }));
    } else if (step.kind === 'body') call?.requestBody('b'.repeat(step.bytes));
    else if (step.kind === 'answer' && call !== undefined) {
      answer(call);
      open = open.filter((one) => one !== call);
    } else if (step.kind === 'noise') {
      for (let index = 0; index < step.times; index++)
        bench.exchange('noise', '/', 200, { headers: { x: 'x'.repeat(900) } });
    } else if (step.kind === 'wait') bench.settle();
    else if ('connection' in step) connections[step.connection]?.pass(...said(step));
  }
  for (const call of open) answer(call);
  bench.settle();
  bench.takeParts();
}

/** Records by what they are, without the mark of those that outlived the ring. Connection state is derived, and compared by what it leads to. */
function recordsOf(parts: readonly RecordedPart[]): Map<string, string> {
  return new Map(
    parts.flatMap(segmentsOf).flatMap(({ payload, ...rest }) => {
      if (rest.kind === 'state') return [];
      const told = { ...rest, flags: rest.flags & ~SegmentFlag.pinned };
      return [
        [`${rest.stream}.${rest.sequence}`, `${JSON.stringify(told)} ${Buffer.from(payload).toString('base64')}`],
      ];
    }),
  );
}

function readOf(parts: readonly RecordedPart[], key: string) {
  const { exchanges, commands, holes } = assemble(traceKey(key), parts);
  return {
    exchanges: exchanges.map(({ id }) => id).toSorted((one, other) => one.localeCompare(other)),
    commands: commands
      .map(({ command, attribution }) => `${attribution} ${command.summary}`)
      .toSorted((one, other) => one.localeCompare(other)),
    holes: holes.map(({ what }) => what),
  };
}

it('what is kept late from history is what would have been kept in time', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(traffic, fc.constantFrom(0, 4_000, 20_000), async (steps, ages) => {
      const large = new Bench({ ringBytes: 8 * 1024 * 1024 });
      const small = await HistoryBench.start({ slots: 2 });
      play(large, steps);
      play(small.bench, steps);
      small.age(ages);
      for (let trace = 0; trace < TRACES; trace++) {
        const key = `a${trace}`;
        large.recorder.keep(traceKey(key));
        small.bench.recorder.keep(traceKey(key));
        large.settle();
        const inTime = large.takeParts().filter(({ purpose }) => purpose === 'failure');
        const late = await small.failures();
        const [expected, found] = [recordsOf(inTime), recordsOf(late)];
        for (const [name, record] of expected) expect(found.get(name)).toBe(record);
        expect(readOf(late, key)).toEqual(readOf(inTime, key));
      }
      const { received, ...fates } = small.bench.recorder.stats().fates;
      const sum = (unit: 'segments' | 'bytes'): number =>
        Object.values(fates).reduce((all, tally) => all + tally[unit], 0);
      expect({ segments: sum('segments'), bytes: sum('bytes') }).toEqual(received);
      expect(fates.overwritten.segments).toBe(0);
      await small.history.stop();
    }),
    { numRuns: 100 },
  );
});
