import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FateTallies } from '../../../src/recorder/fates.ts';
import { recordBytes } from '../../../src/wire/segments/record.ts';
import { Bench, segmentsOf, traceKey } from '../../support/recorder.ts';
import type { Call, Start } from '../../support/recorder.ts';

const pick = (max: number) => fc.nat({ max });
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('open' as const),
    service: pick(2),
    protocol: fc.constantFrom('http', 'http', 'tcp', 'postgres'),
    inbound: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('request' as const),
    call: pick(20),
    trace: pick(6),
    requestId: pick(4),
    end: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('log' as const),
    service: pick(2),
    inbound: fc.boolean(),
    protocol: fc.constantFrom('http', 'http', 'postgres'),
    start: pick(6),
    code: fc.constantFrom(0, 200, 200, 503),
    flags: fc.constantFrom([], [], ['downstreamRemoteReset'], ['upstreamProtocolError']),
  }),
  fc.record({
    kind: fc.constant('respond' as const),
    call: pick(20),
    status: fc.constantFrom(200, 200, 404, 500, 101),
    end: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('body' as const),
    call: pick(20),
    bytes: pick(1_500),
    client: fc.boolean(),
    end: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('end' as const), call: pick(20) }),
  fc.record({ kind: fc.constant('keep' as const), trace: pick(6) }),
  fc.record({ kind: fc.constant('wait' as const), ms: pick(3_000) }),
);
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never;

function startOf(number: number): Start {
  return { requestId: `r${number}`, micros: 1_790_000_000_000_000 + number, port: 1000 + number };
}

function apply(bench: Bench, calls: Call[], operation: Operation): void {
  const call = 'call' in operation ? calls[operation.call % Math.max(1, calls.length)] : undefined;
  switch (operation.kind) {
    case 'open':
      calls.push(
        bench.call(`s${operation.service}`, {
          direction: operation.inbound ? 'inbound' : 'outbound',
          protocol: operation.protocol,
        }),
      );
      return;
    case 'request':
      call?.request('/p', {
        trace: `${operation.trace + 1}`,
        ...(operation.requestId > 0 && { requestId: `r${operation.requestId}` }),
        start: startOf(operation.trace),
        end: operation.end,
      });
      return;
    case 'log':
      bench.log(`s${operation.service}`, startOf(operation.start), {
        direction: operation.inbound ? 'inbound' : 'outbound',
        protocol: operation.protocol,
        code: operation.code,
        flags: operation.flags,
      });
      return;
    case 'respond':
      call?.respond(operation.status, { end: operation.end });
      return;
    case 'body':
      if (operation.client) call?.requestBody(new Uint8Array(operation.bytes), operation.end);
      else call?.responseBody(new Uint8Array(operation.bytes), operation.end);
      return;
    case 'end':
      call?.ended();
      return;
    case 'keep':
      bench.recorder.keep(traceKey(`${operation.trace + 1}`));
      return;
    case 'wait':
      bench.clock.advance(operation.ms);
  }
}

function expectSum({ received, ...fates }: FateTallies): void {
  const tallies = Object.values(fates);
  expect(tallies.reduce((sum, tally) => sum + tally.segments, 0)).toBe(received.segments);
  expect(tallies.reduce((sum, tally) => sum + tally.bytes, 0)).toBe(received.bytes);
  for (const tally of tallies) expect(Math.min(tally.segments, tally.bytes)).toBeGreaterThanOrEqual(0);
}

/**
 * Bytes of distinct segments in failure parts: what `kept` claims. Gaps and state are the recorder's own, and so is the beginning of what
 * only the access log has seen.
 */
function bytesHandedOn(bench: Bench): number {
  const distinct = new Map<string, number>();
  for (const part of bench.parts) {
    if (part.purpose !== 'failure') continue;
    const segments = segmentsOf(part);
    const alone = new Set(
      segments.filter(({ kind, sequence }) => kind === 'log' && sequence === 1).map(({ stream }) => stream),
    );
    for (const { kind, stream, sequence, payload } of segments) {
      const own = kind === 'gap' || kind === 'state' || (kind === 'opened' && alone.has(stream));
      if (!own) distinct.set(`${stream}.${sequence}`, recordBytes(payload.length));
    }
  }
  return [...distinct.values()].reduce((sum, bytes) => sum + bytes, 0);
}

const small = {
  ringBytes: 16_384,
  pinnedBytes: 1_500,
  indexBytes: 20_000,
  bodyBytes: 2_500,
  transactionBytes: 9_000,
  prologueBytes: 1_000,
};

it('received = kept + tossed + overwritten + shed + in flight, whatever happens, and in the end nothing is in flight', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 150 }), (operations) => {
      const bench = new Bench(small);
      const calls: Call[] = [];
      for (const operation of operations) {
        apply(bench, calls, operation);
        expectSum(bench.recorder.stats().fates);
      }
      expect(bench.recorder.stats().fates.kept.bytes).toBe(bytesHandedOn(bench));

      for (const call of calls) call.ended();
      bench.clock.advance(60_000);
      for (let index = 0; index < 60; index++) {
        bench.exchange('filler', '/', 200, { trace: `f${index}`, headers: { x: 'x'.repeat(400) } });
        bench.clock.advance(2_000);
      }
      const { fates, pinnedBytes } = bench.recorder.stats();
      expectSum(fates);
      expect([fates.inFlight, pinnedBytes]).toEqual([{ segments: 0, bytes: 0 }, 0]);
      expect(fates.kept.bytes).toBe(bytesHandedOn(bench));
    }),
    { numRuns: 100 },
  );
});
