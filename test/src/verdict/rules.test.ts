import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { parseRecorderId, streamId } from '../../../src/domain/ids.ts';
import { factsOf, isEventStream, isUpgrade } from '../../../src/verdict/facts.ts';
import type { ExchangeFacts } from '../../../src/verdict/facts.ts';
import { hangsOnLog, judge, judgeExchange } from '../../../src/verdict/rules.ts';

const answered: ExchangeFacts = {
  status: 200,
  code: undefined,
  flags: [],
  requestComplete: true,
  responseComplete: true,
  eventStream: false,
  upgraded: false,
  end: 'closed',
};
const cutOff = { ...answered, responseComplete: false };
const unanswered = { ...answered, status: undefined, responseComplete: false };

type Row = [what: string, facts: Partial<ExchangeFacts>, kind: string | undefined, summary?: string];

function failure(kind: string | undefined, summary: unknown = expect.any(String)): object | undefined {
  return kind === undefined ? undefined : { kind, summary };
}

describe('a whole answer is judged by its status', () => {
  const base = answered;
  it.each<Row>([
    ['200', {}, undefined],
    ['304', { status: 304 }, undefined],
    ['400', { status: 400 }, undefined],
    ['404 of the service', { status: 404 }, undefined],
    ['404 without a route', { status: 404, flags: ['NR'] }, undefined],
    ['409', { status: 409 }, undefined],
    ['429', { status: 429, flags: ['RL'] }, undefined],
    ['499', { status: 499 }, undefined],
    ['500', { status: 500 }, 'status', '500 Internal Server Error'],
    ['503 by the service itself', { status: 503 }, 'status', '503 Service Unavailable'],
    ['599, which has no phrase', { status: 599 }, 'status', '599'],
    ['503 after a fault injected', { status: 503, flags: ['FI'] }, 'status', '503 FI'],
    ['an answer before the upload ended', { status: 413, requestComplete: false }, undefined],
    ['a failure before the upload ended', { status: 500, requestComplete: false }, 'status'],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });
});

describe('a WebSocket is judged by the close code of its server', () => {
  const open = { ...answered, status: 101, upgraded: true, responseComplete: false };
  it.each<Row>([
    ['no close', {}, undefined],
    ['1011', { closeCode: 1011 }, 'status', 'WebSocket closed with 1011'],
    ['1014', { closeCode: 1014 }, 'status'],
    ['broken off by the server, as at every deployment', { logged: true, flags: ['UC'] }, undefined],
  ])('%s', (_what, facts, kind, summary) => expect(judge({ ...open, ...facts })).toEqual(failure(kind, summary)));
});

describe("Envoy's flags tell what kind of failure a status is", () => {
  const base = { ...answered, status: 503 };
  it.each<Row>([
    ['UF', { flags: ['UF'] }, 'unavailable'],
    ['UH', { flags: ['UH'] }, 'unavailable', '503 UH'],
    ['UO', { flags: ['UO'] }, 'unavailable'],
    ['NR', { flags: ['NR'] }, 'unavailable'],
    ['NC', { flags: ['NC'] }, 'unavailable'],
    ['UC', { flags: ['UC'] }, 'unavailable'],
    ['UT', { status: 504, flags: ['UT'], details: 'response_timeout' }, 'timeout', '504 UT (response timeout)'],
    ['DT', { flags: ['DT'] }, 'timeout'],
    ['SI', { status: 504, flags: ['SI'] }, 'timeout'],
    ['UMSDR', { flags: ['UMSDR'] }, 'timeout'],
    ['a time-out after retries', { status: 504, flags: ['UT', 'URX'] }, 'timeout'],
    ['retries that never connected', { flags: ['UF', 'URX'] }, 'unavailable'],
    [
      'retries exhausted on the status of the upstream',
      { flags: ['URX'], details: 'via_upstream' },
      'status',
      '503 URX',
    ],
    ['the same flags on an answer that is fine', { status: 200, flags: ['UF', 'UT'] }, undefined],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });
});

describe('the summary says why in words', () => {
  it.each([
    [
      'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
      '503 UF (connection refused)',
    ],
    ['upstream_reset_before_response_started{connection_termination}', '503 UF (connection termination)'],
    ['no_healthy_upstream', '503 UF (no healthy upstream)'],
    ['via_upstream', '503 UF'],
    ['', '503 UF'],
  ])('%s', (details, summary) => {
    expect(judge({ ...answered, status: 503, flags: ['UF'], details })?.summary).toBe(summary);
  });
});

describe('a gRPC client sees 200, and only the attribute tells', () => {
  const base = answered;
  it.each<Row>([
    ['a local 503', { code: 503, flags: ['UF'] }, 'unavailable', '503 UF'],
    ['a local 504', { code: 504, flags: ['UT'] }, 'timeout'],
    ['an answer from the service', { code: 200 }, undefined],
    ['a header that is worse than the attribute', { status: 502, code: 0 }, 'status', '502 Bad Gateway'],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });
});

describe('a gRPC answer is judged by its status', () => {
  const base = answered;
  it.each<Row>([
    ['OK', { grpcStatus: 0 }, undefined],
    ['CANCELLED', { grpcStatus: 1 }, undefined],
    ['UNKNOWN', { grpcStatus: 2 }, 'status', 'grpc 2 UNKNOWN'],
    ['INVALID_ARGUMENT', { grpcStatus: 3 }, undefined],
    ['DEADLINE_EXCEEDED', { grpcStatus: 4 }, 'timeout', 'grpc 4 DEADLINE_EXCEEDED'],
    ['NOT_FOUND', { grpcStatus: 5 }, undefined],
    ['ALREADY_EXISTS', { grpcStatus: 6 }, undefined],
    ['PERMISSION_DENIED', { grpcStatus: 7 }, undefined],
    ['RESOURCE_EXHAUSTED', { grpcStatus: 8 }, undefined],
    ['FAILED_PRECONDITION', { grpcStatus: 9 }, undefined],
    ['ABORTED', { grpcStatus: 10 }, undefined],
    ['OUT_OF_RANGE', { grpcStatus: 11 }, undefined],
    ['UNIMPLEMENTED', { grpcStatus: 12 }, 'status', 'grpc 12 UNIMPLEMENTED'],
    ['INTERNAL', { grpcStatus: 13 }, 'status', 'grpc 13 INTERNAL'],
    ['UNAVAILABLE', { grpcStatus: 14 }, 'unavailable', 'grpc 14 UNAVAILABLE'],
    ['DATA_LOSS', { grpcStatus: 15 }, 'status', 'grpc 15 DATA_LOSS'],
    ['UNAUTHENTICATED', { grpcStatus: 16 }, undefined],
    ['a code of its own', { grpcStatus: 99 }, 'status', 'grpc 99 UNKNOWN'],
    ['INTERNAL, its code told by Envoy as well', { grpcStatus: 13, code: 200 }, 'status', 'grpc 13 INTERNAL'],
    ["Envoy's own 503", { grpcStatus: 14, code: 503, flags: ['UF'] }, 'unavailable', '503 UF'],
    ["Envoy's own 404, which is UNIMPLEMENTED here", { grpcStatus: 12, code: 404, flags: ['NR'] }, undefined],
    ["Envoy's own 429, which is UNAVAILABLE here", { grpcStatus: 14, code: 429, flags: ['RL'] }, undefined],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });
});

describe('an answer that never ended, and the access log says why', () => {
  const base = { ...cutOff, logged: true };
  it.each<Row>([
    ['the client left', { flags: ['DC'] }, undefined],
    ['the client reset its stream', { flags: ['DR'] }, undefined],
    ['the upstream broke its protocol', { flags: ['UPE'] }, 'reset', '200 answer cut off before its end'],
    ['the upstream closed', { flags: ['UC'] }, 'reset'],
    ['the upstream reset its stream', { flags: ['UR'] }, 'reset'],
    ['the same while the client was still sending', { flags: ['UR'], requestComplete: false }, 'reset'],
    ['Envoy gave up', { flags: ['SI'] }, 'timeout', '200 answer cut off: SI'],
    [
      'the route timed out',
      { flags: ['UT'], details: 'response_timeout' },
      'timeout',
      '200 answer cut off: UT (response timeout)',
    ],
    ['nothing: its tail is lost in the recording', { flags: [] }, undefined],
    ['a flag that cuts nothing off', { flags: ['URX'] }, undefined],
    ['it was recorded by the log alone', { flags: ['UC'], requestComplete: false, end: 'closed' }, 'reset'],
    ['an event stream', { flags: ['UC'], eventStream: true }, undefined],
    ['a WebSocket, closed cleanly', { status: 101, flags: ['UC'], upgraded: true }, undefined],
    ['a failed answer whose client left', { status: 500, flags: ['DC'] }, 'status', '500 Internal Server Error'],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });
});

describe('an answer that began and never ended', () => {
  const base = cutOff;
  it.each<Row>([
    ['is reset', {}, 'reset', '200 answer cut off before its end'],
    ['is reset also when the call was cancelled', { end: 'cancelled' }, 'reset'],
    ['is not judged while it is open', { end: 'open' }, undefined],
    ['is not judged when recording stopped', { end: 'shutdown' }, undefined],
    ['is not judged when the call idled', { end: 'idle' }, undefined],
    ['is not judged when the call broke', { end: 'error' }, undefined],
    ['is normal for an event stream', { eventStream: true }, undefined],
    ['is normal for a WebSocket', { status: 101, upgraded: true }, undefined],
    ['is normal when the client left during its upload', { requestComplete: false }, undefined],
    ['is normal when Envoy says that the client left', { flags: ['DC'] }, undefined],
    ['is normal when the client reset its stream', { flags: ['DR'] }, undefined],
    ['is judged by its status first', { status: 500 }, 'status'],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });
});

describe('no answer at all', () => {
  const base = unanswered;
  it.each<Row>([
    ['is a client that left', {}, undefined],
    ['is a client that left during its upload', { requestComplete: false }, undefined],
    ['is a client that left, says Envoy', { flags: ['DC'] }, undefined],
    ['is a client that left while the upstream failed too', { flags: ['UC', 'DC'] }, undefined],
    ['is a failure when Envoy has no upstream', { flags: ['UF'] }, 'unavailable', 'no answer UF'],
    ['is a failure when Envoy gave up waiting', { flags: ['SI'] }, 'timeout'],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });
});

describe('a gRPC call without a status, whose client waits 400 ms', () => {
  const missed = 'no answer within its deadline of 400 ms';
  const base = { ...unanswered, deadlineMs: 400, logged: true, flags: ['DR'], durationMs: 400 };
  it.each<Row>([
    ['was left when they had passed', {}, 'timeout', missed],
    ['was left later: its client was late itself', { durationMs: 900 }, 'timeout', missed],
    ['was left a moment before', { durationMs: 390 }, 'timeout', missed],
    ['was left before', { durationMs: 389 }, undefined],
    ['lost its connection when they had passed', { flags: ['DC'] }, 'timeout', missed],
    ['still uploads', { requestComplete: false }, 'timeout', missed],
    [
      'of a longer one, rounded up',
      { deadlineMs: 60_100, durationMs: 59_100 },
      'timeout',
      expect.stringMatching('60.1 s'),
    ],
    ['of a longer one, left before', { deadlineMs: 60_100, durationMs: 58_800 }, undefined],
    ['had begun its answer', { status: 200 }, 'timeout', '200 answer without an end within its deadline of 400 ms'],
    ['was broken off by the upstream', { status: 200, flags: ['UR'] }, 'reset', '200 answer cut off before its end'],
    ['was timed out by Envoy', { flags: ['UT'] }, 'timeout', 'no answer UT'],
    ['has no flag: what is missing is missing in the recording', { status: 200, flags: [] }, undefined],
    ['waits for ever', { deadlineMs: undefined }, undefined],
    ['was answered whole, late', { status: 200, grpcStatus: 0, responseComplete: true }, undefined],
    ['has a status after all', { status: 200, grpcStatus: 0 }, undefined],
    ['has another status', { status: 200, grpcStatus: 13 }, 'status', 'grpc 13 INTERNAL'],
    ['failed over HTTP', { status: 502 }, 'status', '502 Bad Gateway'],
  ])('%s', (_what, facts, kind, summary) => {
    expect(judge({ ...base, ...facts })).toEqual(failure(kind, summary));
  });

  const unlogged = { ...base, logged: undefined, flags: [], durationMs: 0, brokeOffMs: 400 };
  it.each<Row>([
    ['broke off then', {}, 'timeout', missed],
    ['broke off then, in mid-answer', { status: 200 }, 'timeout'],
    ['broke off before, in mid-answer', { status: 200, brokeOffMs: 300 }, 'reset'],
    ['broke off before', { brokeOffMs: 300 }, undefined],
    ['goes on', { end: 'open', brokeOffMs: undefined }, undefined],
    ['was recorded no further', { end: 'idle' }, undefined],
  ])('without the access log: %s', (_what, facts, kind, summary) => {
    expect(judge({ ...unlogged, ...facts })).toEqual(failure(kind, summary));
    expect(hangsOnLog({ ...unlogged, ...facts })).toBe(kind !== undefined);
    expect(hangsOnLog({ ...unlogged, ...facts, logged: true })).toBe(false);
  });
});

describe('facts of an assembled exchange', () => {
  const recorder = parseRecorderId('00000000000000aa') ?? expect.fail('not a recorder id');
  const message = { body: [], trailers: [], startedAt: 0, endedAt: 1, complete: true };
  const exchange: Exchange = {
    kind: 'exchange',
    id: streamId(recorder, 1),
    vantage: { service: 'orders', instance: 'orders-1', direction: 'inbound' },
    peer: { name: 'orders' },
    protocol: 'http/1.1',
    request: { ...message, headers: [{ name: ':method', value: 'GET' }] },
    response: { ...message, headers: [{ name: ':status', value: '503' }], complete: false },
    startedAt: 0,
    endedAt: 1,
    end: 'closed',
    flags: ['UF'],
    details: 'no_healthy_upstream',
    attributes: { 'response.code': '503' },
    gaps: [],
  };

  it('are those the recorder notes', () => {
    expect(factsOf(exchange)).toMatchObject({
      status: 503,
      code: 503,
      flags: ['UF'],
      details: 'no_healthy_upstream',
      requestComplete: true,
      responseComplete: false,
      eventStream: false,
      upgraded: false,
      end: 'closed',
    });
    expect(judgeExchange(exchange)).toEqual({ kind: 'unavailable', summary: '503 UF (no healthy upstream)' });
  });

  it('hold the gRPC status of the trailers', () => {
    const failed = {
      ...exchange,
      flags: [],
      attributes: {},
      response: {
        ...message,
        headers: [
          { name: ':status', value: '200' },
          { name: 'content-type', value: 'application/grpc' },
        ],
        trailers: [{ name: 'grpc-status', value: '13' }],
      },
    };
    expect(factsOf(failed).grpcStatus).toBe(13);
    expect(judgeExchange(failed)).toEqual({ kind: 'status', summary: 'grpc 13 INTERNAL' });
  });

  it('hold the deadline of a gRPC call, and of no other, and when it broke off', () => {
    const asking = (contentType: string) => ({
      ...exchange,
      request: {
        ...message,
        headers: [
          { name: 'content-type', value: contentType },
          { name: 'grpc-timeout', value: '401m' },
        ],
      },
      brokeOffAt: 402,
    });
    expect(factsOf(asking('application/grpc+proto'))).toMatchObject({ deadlineMs: 401, brokeOffMs: 402 });
    expect(factsOf(asking('application/json')).deadlineMs).toBeUndefined();
  });

  it('without an answer say so', () => {
    const { response: _, ...silent } = { ...exchange, attributes: {} };
    expect(factsOf(silent)).toMatchObject({ status: undefined, code: undefined, responseComplete: false });
  });
});

it('event streams are known by their media type alone', () => {
  const types = ['text/event-stream', 'Text/Event-Stream; charset=utf-8', 'text/event-streams', 'text/html', ''];
  expect(types.map(isEventStream)).toEqual([true, true, false, false, false]);
});

it('an upgrade is 101, or a CONNECT that succeeded', () => {
  expect([
    isUpgrade(101, 'GET'),
    isUpgrade(200, 'CONNECT'),
    isUpgrade(200, 'GET'),
    isUpgrade(503, 'CONNECT'),
    isUpgrade(undefined, 'CONNECT'),
  ]).toEqual([true, true, false, false, false]);
});
