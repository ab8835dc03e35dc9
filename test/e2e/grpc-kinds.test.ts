// Every way a gRPC call can go, in Node and Python, three services deep and over TLS to a named host: each failure kept once, with its origin; what is none, tossed. Judged by what the services wrote down.
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { Exchange } from '../../src/domain/exchange.ts';
import { header } from '../../src/domain/exchange.ts';
import { grpcStatusOf } from '../../src/domain/grpc.ts';
import type { TransactionKey } from '../../src/domain/ids.ts';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { Transaction } from '../../src/domain/transaction.ts';
import type { CascadeCall, LedgerLine, ServiceName, Told } from '../support/grpc-cascade.ts';
import { GrpcCascade } from '../support/grpc-cascade.ts';
import { allFailures, decided, openLoop } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

type During = (cascade: GrpcCascade, call: CascadeCall) => Promise<void>;
type Shows = (transaction: Transaction) => void;

interface Kind {
  /** What the client asks for: see the services. */
  readonly sku: string;
  /** The status the client is told, and how many messages before. */
  readonly told: readonly [code: number, messages: number];
  /** The client's own deadline. */
  readonly patienceMs?: number;
  /** What else happens while it waits. */
  readonly during?: During;
  /** Answers at a service's sidecar which no handler gave, as `service code`. */
  readonly besides?: readonly string[];
  /** What is special in the recording. */
  readonly shows?: Shows;
}

interface Failure extends Kind {
  readonly origin: readonly [service: ServiceName, kind: string, summary: unknown];
  /** Absent: failed. */
  readonly outcome?: 'swallowed';
}

const CUT = '200 answer cut off before its end';
/** grpcio rounds what it announces up to 10 ms. */
const OWN_DEADLINE: unknown = expect.stringMatching(/^no answer within its deadline of (?:3(?:\.01)?|2\.\d+) s$/);
/** What was left of the three seconds when the client got to say so: a machine with other work takes some. */
const CALLERS_DEADLINE: unknown = expect.stringMatching(
  /^no answer when its caller's deadline of \d(?:\.\d+)? s passed$/,
);
const CALLERS_DEADLINE_IN_MID_ANSWER: unknown = expect.stringMatching(
  /^200 answer without an end when its caller's deadline of \d(?:\.\d+)? s passed$/,
);

const leaves =
  (service: ServiceName): During =>
  async (cascade, call) => {
    await cascade.wrote(call.trace, service, 'asked');
    call.leave();
    await cascade.wrote(call.trace, service, 'left');
  };

const leavesInMidAnswer: During = async (cascade, call) => {
  await call.message;
  call.leave();
  await cascade.wrote(call.trace, 'rates', 'left');
};

const killed =
  (service: ServiceName): During =>
  async (cascade, call) => {
    await call.message;
    await cascade.service(service).stop();
  };

/** Its own clock stands still as well: it cannot say that it was too late. `answering`: once the client has had a message. */
const paused =
  (service: ServiceName, answering = false): During =>
  async (cascade, call) => {
    await cascade.wrote(call.trace, 'rates', 'asked');
    if (answering) await Promise.race([call.message, call.told]);
    cascade.service(service).signal('SIGSTOP');
    await call.told;
    cascade.service(service).signal('SIGCONT');
    await cascade.wrote(call.trace, 'rates', 'left');
  };

/** As the answer of the service was framed: its status alone in the headers, or after them. */
const framed =
  (service: ServiceName, where: 'headers' | 'trailers', messages: 'message' | 'no message'): Shows =>
  (transaction) => {
    const response = inboundOf(transaction).find(({ vantage }) => vantage.service === service)?.response;
    const inHeaders = header(response?.headers ?? [], 'grpc-status') !== undefined;
    const bytes = (response?.body ?? []).reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    expect([inHeaders ? 'headers' : 'trailers', bytes > 0 ? 'message' : 'no message']).toEqual([where, messages]);
  };

/** Every exchange that Envoy itself has something to say of. */
const flagged =
  (...expected: readonly string[]): Shows =>
  ({ exchanges }) =>
    expect(
      exchanges
        .filter((exchange) => exchange.flags.length > 0)
        .map(({ vantage, flags }) => `${vantage.direction} ${vantage.service} ${flags.join(',')}`)
        // Two sidecars: which of the two began first is told by arrival only.
        .toSorted(),
    ).toEqual(expected.toSorted());

/** grpc-js says it by itself, unheard by the service's ledger, when its own timer is before the client's reset. */
const saidByTimer = ({ response }: Exchange): boolean => (response && grpcStatusOf(response)) === 4;

const allLeft: Shows = ({ exchanges }) => {
  const left = exchanges.filter((exchange) => !saidByTimer(exchange));
  expect(left.length).toBeGreaterThanOrEqual(exchanges.length - 1);
  expect(left.map(({ flags, logged }) => ({ flags, logged }))).toEqual(
    left.map(() => ({ flags: ['DR'], logged: true })),
  );
};

const FAILURES: Readonly<Record<string, Failure>> = {
  'UNKNOWN, in Node': { sku: 'rates:UNKNOWN', told: [2, 0], origin: ['rates', 'status', 'grpc 2 UNKNOWN'] },
  'DEADLINE_EXCEEDED, said in Node': {
    sku: 'rates:DEADLINE_EXCEEDED',
    told: [4, 0],
    origin: ['rates', 'timeout', 'grpc 4 DEADLINE_EXCEEDED'],
  },
  'UNIMPLEMENTED, in Node': {
    sku: 'rates:UNIMPLEMENTED',
    told: [12, 0],
    origin: ['rates', 'status', 'grpc 12 UNIMPLEMENTED'],
  },
  'INTERNAL in Node, trailers only': {
    sku: 'rates:INTERNAL',
    told: [13, 0],
    origin: ['rates', 'status', 'grpc 13 INTERNAL'],
    shows: framed('rates', 'headers', 'no message'),
  },
  'INTERNAL in Node, headers before it': {
    sku: 'rates:headers+INTERNAL',
    told: [13, 0],
    origin: ['rates', 'status', 'grpc 13 INTERNAL'],
    shows: framed('rates', 'trailers', 'no message'),
  },
  'INTERNAL in Node, after a message': {
    sku: 'rates:message+INTERNAL',
    told: [13, 1],
    origin: ['rates', 'status', 'grpc 13 INTERNAL'],
    shows: framed('rates', 'trailers', 'message'),
  },
  'UNAVAILABLE, said in Node': {
    sku: 'rates:UNAVAILABLE',
    told: [14, 0],
    origin: ['rates', 'unavailable', 'grpc 14 UNAVAILABLE'],
  },
  'DATA_LOSS, in Node': { sku: 'rates:DATA_LOSS', told: [15, 0], origin: ['rates', 'status', 'grpc 15 DATA_LOSS'] },
  'a code without a name': { sku: 'rates:99', told: [2, 0], origin: ['rates', 'status', 'grpc 99 UNKNOWN'] },
  'an exception in Node': { sku: 'rates:throws', told: [2, 0], origin: ['rates', 'status', 'grpc 2 UNKNOWN'] },
  'INTERNAL at the entry': {
    sku: 'gateway:INTERNAL',
    told: [13, 0],
    origin: ['gateway', 'status', 'grpc 13 INTERNAL'],
  },

  'INTERNAL in Python': { sku: 'orders:INTERNAL', told: [13, 0], origin: ['orders', 'status', 'grpc 13 INTERNAL'] },
  'INTERNAL in Python, after a message': {
    sku: 'orders:message+INTERNAL',
    told: [13, 1],
    origin: ['orders', 'status', 'grpc 13 INTERNAL'],
    shows: framed('orders', 'trailers', 'message'),
  },
  'UNAVAILABLE, said in Python': {
    sku: 'orders:UNAVAILABLE',
    told: [14, 0],
    origin: ['orders', 'unavailable', 'grpc 14 UNAVAILABLE'],
  },
  'DATA_LOSS in Python': { sku: 'orders:DATA_LOSS', told: [15, 0], origin: ['orders', 'status', 'grpc 15 DATA_LOSS'] },
  'an exception in Python': { sku: 'orders:throws', told: [2, 0], origin: ['orders', 'status', 'grpc 2 UNKNOWN'] },
  'an exception in Python after a message': {
    sku: 'orders:message+throws',
    told: [2, 1],
    origin: ['orders', 'status', 'grpc 2 UNKNOWN'],
  },
  'a method that Python does not have': {
    sku: 'method:Refund',
    told: [12, 0],
    origin: ['orders', 'status', 'grpc 12 UNIMPLEMENTED'],
    besides: ['orders 12'],
  },
  'INTERNAL made of a NOT_FOUND, by who made it': {
    sku: 'rates:NOT_FOUND as:INTERNAL',
    told: [13, 0],
    origin: ['orders', 'status', 'grpc 13 INTERNAL'],
  },

  'an upstream that is dead, behind TLS': {
    sku: 'via:gone',
    told: [14, 0],
    origin: ['orders', 'unavailable', '503 UF (connection refused)'],
  },
  'a host with another name in its certificate': {
    sku: 'via:impostor',
    told: [14, 0],
    origin: ['orders', 'unavailable', '503 UF (TLS: certificate verify failed)'],
  },
  'INTERNAL of a TLS host without a sidecar': {
    sku: 'via:foreign',
    told: [13, 1],
    origin: ['orders', 'status', 'grpc 13 INTERNAL'],
  },
  'a deadline of the caller, and a service that hangs': {
    sku: 'rates:hangs within:3',
    told: [4, 0],
    during: paused('rates'),
    origin: ['rates', 'timeout', OWN_DEADLINE],
    shows: flagged('outbound orders DR', 'inbound rates DR'),
  },
  // A deadline that passes is told to nobody but the client: on the wire it leaves, as if it had changed its mind.
  'a client whose own deadline passes': {
    sku: 'rates:hangs',
    patienceMs: 6000,
    told: [4, 0],
    during: paused('gateway'),
    origin: ['rates', 'timeout', CALLERS_DEADLINE],
    shows: allLeft,
  },
  'a client whose own deadline passes in mid-answer': {
    sku: 'rates:message+hangs',
    patienceMs: 6000,
    told: [4, 1],
    during: paused('gateway', true),
    origin: ['rates', 'timeout', CALLERS_DEADLINE_IN_MID_ANSWER],
    shows: allLeft,
  },
  'a timeout of the route': {
    sku: 'rates:hangs via:slow',
    told: [14, 0],
    origin: ['orders', 'timeout', '504 UT (response timeout)'],
    shows: flagged('outbound orders UT', 'inbound rates DR'),
  },
  'a timeout of the route in mid-answer': {
    sku: 'rates:message+hangs via:slow',
    told: [13, 1],
    origin: ['orders', 'timeout', '200 answer cut off: UT (response timeout)'],
    shows: flagged('outbound orders UT', 'inbound rates DR'),
  },
  'retries, all in vain': {
    sku: 'rates:UNAVAILABLE via:flaky',
    told: [14, 0],
    origin: ['rates', 'unavailable', 'grpc 14 UNAVAILABLE'],
    shows: flagged('outbound orders URX'),
  },
  'an answer that Node resets': {
    sku: 'rates:message+reset',
    told: [13, 1],
    origin: ['rates', 'reset', CUT],
    shows: flagged('outbound orders UR', 'inbound rates UR'),
  },

  'retries of which the last works': {
    sku: 'rates:UNAVAILABLE,UNAVAILABLE,OK via:flaky',
    told: [0, 0],
    origin: ['rates', 'unavailable', 'grpc 14 UNAVAILABLE'],
    outcome: 'swallowed',
    shows: flagged(),
  },
  'INTERNAL that Python swallows': {
    sku: 'rates:INTERNAL swallowed:orders',
    told: [0, 0],
    origin: ['rates', 'status', 'grpc 13 INTERNAL'],
    outcome: 'swallowed',
  },
  'a dead upstream that Python swallows': {
    sku: 'via:gone swallowed:orders',
    told: [0, 0],
    origin: ['orders', 'unavailable', '503 UF (connection refused)'],
    outcome: 'swallowed',
  },
  'a reset that Python swallows': {
    sku: 'rates:message+reset swallowed:orders',
    told: [0, 1],
    origin: ['rates', 'reset', CUT],
    outcome: 'swallowed',
  },
  'a deadline of Python’s, which it swallows': {
    sku: 'rates:hangs within:3 swallowed:orders',
    told: [0, 0],
    during: paused('rates'),
    origin: ['rates', 'timeout', OWN_DEADLINE],
    outcome: 'swallowed',
    shows: flagged('outbound orders DR', 'inbound rates DR'),
  },
  'INTERNAL that becomes the caller’s mistake': {
    sku: 'rates:INTERNAL as:INVALID_ARGUMENT',
    told: [3, 0],
    origin: ['rates', 'status', 'grpc 13 INTERNAL'],
    outcome: 'swallowed',
  },
  'an exception in Python that Node swallows': {
    sku: 'orders:throws swallowed:gateway',
    told: [0, 0],
    origin: ['orders', 'status', 'grpc 2 UNKNOWN'],
    outcome: 'swallowed',
  },

  // From here on, services are gone.
  'an answer cut off because Node was killed': {
    sku: 'rates:message+hangs',
    told: [13, 1],
    during: killed('rates'),
    origin: ['rates', 'reset', CUT],
    shows: flagged('outbound orders UR', 'inbound rates UC'),
  },
  'a service in Node that is gone': {
    sku: 'rates:OK',
    told: [14, 0],
    origin: ['rates', 'unavailable', '503 UF (connection refused)'],
    besides: ['rates 14'],
  },
  'an answer cut off because Python was killed': {
    sku: 'orders:message+hangs',
    told: [13, 1],
    during: killed('orders'),
    origin: ['orders', 'reset', CUT],
    shows: flagged('outbound gateway UR', 'inbound orders UC'),
  },
  'a service in Python that is gone': {
    sku: 'orders:OK',
    told: [14, 0],
    origin: ['orders', 'unavailable', '503 UF (connection refused)'],
    besides: ['orders 14'],
  },
};

const NO_FAILURES: Readonly<Record<string, Kind>> = {
  OK: { sku: 'rates:message+OK', told: [0, 1] },
  'OK without a message': { sku: 'rates:OK', told: [0, 0] },
  ...Object.fromEntries(
    (
      [
        ['CANCELLED', 1],
        ['INVALID_ARGUMENT', 3],
        ['NOT_FOUND', 5],
        ['ALREADY_EXISTS', 6],
        ['PERMISSION_DENIED', 7],
        ['RESOURCE_EXHAUSTED', 8],
        ['FAILED_PRECONDITION', 9],
        ['ABORTED', 10],
        ['OUT_OF_RANGE', 11],
        ['UNAUTHENTICATED', 16],
      ] as const
    ).flatMap(([name, code]) => [
      [`${name} in Node`, { sku: `rates:${name}`, told: [code, 0] }],
      [`${name} in Python, after a message`, { sku: `orders:message+${name}`, told: [code, 1] }],
    ]),
  ),
  'a client that leaves while Node works': {
    sku: 'rates:hangs',
    told: [1, 0],
    during: leaves('rates'),
    shows: allLeft,
  },
  'a client that leaves while Python works': {
    sku: 'orders:hangs',
    told: [1, 0],
    during: leaves('orders'),
    shows: allLeft,
  },
  'a client that leaves in mid-answer': {
    sku: 'rates:message+hangs',
    told: [1, 1],
    during: leavesInMidAnswer,
    shows: allLeft,
  },
  'a client that leaves long before its deadline': {
    sku: 'rates:hangs within:30',
    patienceMs: 20_000,
    told: [1, 0],
    during: leaves('rates'),
    shows: allLeft,
  },
};

interface Outcome {
  readonly told: Told;
  readonly ledger: readonly LedgerLine[];
  /** What was kept before anyone asked for more. */
  readonly kept: readonly LoopSummary[];
  readonly transaction: Transaction;
}

describe('a gRPC call three services deep', () => {
  // Services die at the end of the failures.
  const kinds = { ...NO_FAILURES, ...FAILURES };
  const outcomes = new Map<string, Outcome>();
  let cascade: GrpcCascade;

  beforeAll(async () => {
    cascade = await GrpcCascade.start();
    const { daemon } = cascade;
    const calls = new Map<string, { readonly key: TransactionKey; readonly told: Told; readonly trace: string }>();
    for (const [name, { sku, patienceMs, during }] of Object.entries(kinds)) {
      const call = cascade.ask(sku, patienceMs);
      await during?.(cascade, call);
      calls.set(name, { key: traceKey(call.trace), told: await call.told, trace: call.trace });
    }
    await decided(daemon, calls.size);
    const before = await allFailures(daemon.api);
    // What was tossed is still in the flight recorder: it is kept now, to see that it was not merely lost.
    const isKept = (loops: readonly LoopSummary[], key: TransactionKey) =>
      loops.some(({ transaction }) => transaction === key);
    for (const { key } of calls.values()) if (!isKept(before, key)) daemon.loopd.keep(key);
    const after = await until(
      () => allFailures(daemon.api),
      (loops) => calls.values().every(({ key }) => isKept(loops, key)),
    );
    for (const [name, { key, told, trace }] of calls) {
      const loop = after.find(({ transaction }) => transaction === key);
      if (loop === undefined) throw new Error(`${name} was not recorded.`);
      const { transaction } = await openLoop(daemon.api, loop.id);
      const kept = before.filter((one) => one.transaction === key);
      outcomes.set(name, { told, ledger: cascade.ledger(trace), kept, transaction });
    }
  });

  afterAll(() => cascade[Symbol.asyncDispose]());

  function outcomeOf(name: string): Outcome {
    const outcome = outcomes.get(name);
    if (outcome === undefined) throw new Error(`${name} did not run.`);
    return outcome;
  }

  describe('is kept once, with its origin:', () => {
    it.for(Object.entries(FAILURES))('%s', ([name, failure]) => {
      const { kept, transaction } = outcomeOf(name);
      const [service, kind, summary] = failure.origin;
      expect(kept.map(({ outcome, origin, holes }) => ({ outcome, origin, holes }))).toEqual([
        {
          outcome: failure.outcome ?? 'failed',
          origin: { service, kind, summary, exchange: expect.any(String) },
          holes: [],
        },
      ]);
      failure.shows?.(transaction);
    });
  });

  describe('is tossed:', () => {
    it.for(Object.keys(NO_FAILURES))('%s', (name) => {
      const { kept, transaction } = outcomeOf(name);
      expect(kept).toEqual([]);
      NO_FAILURES[name]?.shows?.(transaction);
    });
  });

  describe('is recorded as its services and its client say:', () => {
    it.for(Object.entries(kinds))('%s', ([name, { told, besides = [] }]) => {
      const outcome = outcomeOf(name);
      expect([outcome.told.code, outcome.told.messages]).toEqual(told);
      const unheard = kinds[name]?.shows === allLeft;
      const recorded = inboundOf(outcome.transaction).map((exchange) => {
        const { vantage, response } = exchange;
        const status = unheard && saidByTimer(exchange) ? undefined : response && grpcStatusOf(response);
        return `${vantage.service} ${status ?? 'nothing'}`;
      });
      expect(recorded.toSorted()).toEqual([...saidIn(outcome.ledger), ...besides].toSorted());
      expect(outcome.transaction.holes).toEqual([]);
      expect(unlinked(outcome.transaction)).toEqual([]);
    });
  });

  test('and nobody complained', () => expect(cascade.daemon.complaints).toEqual([]));
});

function traceKey(trace: string): TransactionKey {
  const key = parseTransactionKey(`trace:${trace}`);
  if (key === undefined) throw new Error(`${trace} is no trace`);
  return key;
}

function inboundOf({ exchanges }: Transaction): readonly Exchange[] {
  return exchanges.filter(({ vantage }) => vantage.direction === 'inbound');
}

/** `service code` of each call that a handler got; `nothing` where it was left, or died, before it came to one. */
function saidIn(ledger: readonly LedgerLine[]): readonly string[] {
  const services = Map.groupBy(ledger, ({ service }) => service);
  return [...services].flatMap(([service, lines]) => {
    const asked = lines.filter(({ event }) => event === 'asked').length;
    const codes = lines.flatMap((line) => (line.event === 'said' ? [String(line.code)] : []));
    return [...codes, ...Array.from({ length: asked - codes.length }, () => 'nothing')].map(
      (code) => `${service} ${code}`,
    );
  });
}

/** Every exchange but the first hangs under another. */
function unlinked({ exchanges, links, entry }: Transaction): readonly string[] {
  const children = new Set(links.map(({ child }) => child));
  return exchanges
    .filter(({ id }) => id !== entry && !children.has(id))
    .map(({ vantage, peer }) => `${vantage.direction} at ${vantage.service}, to ${peer.name}`);
}
