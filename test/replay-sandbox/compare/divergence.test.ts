import { describe, expect, it } from 'vitest';
import { firstDivergence } from '../../../replay-sandbox/compare/divergence.ts';
import type { Seen } from '../../../replay-sandbox/compare/divergence.ts';
import type { ReplayedCall } from '../../../replay-sandbox/match/call.ts';
import type { HttpAnswer } from '../../../replay-sandbox/match/http/candidate.ts';
import { exchange, message, stream, T0 } from '../../support/transaction.ts';

const NOW = T0 + 40 * 86_400_000;
const JSON_TYPE = { 'content-type': 'application/json' };

/** Of a `number` that says when it was, too. */
function recorded(number: number, answer: unknown): HttpAnswer {
  const at = T0 + number * 10;
  return {
    exchange: exchange(number, {
      request: message({ ':method': 'POST', ':path': `/${number}`, ...JSON_TYPE }),
      response: message({ ':status': '200', ...JSON_TYPE }, JSON.stringify(answer), { startedAt: at + 5 }),
      startedAt: at,
      endedAt: at + 5,
    }),
    source: 'loop',
  };
}

function call(number: number, more: Partial<ReplayedCall> = {}): ReplayedCall {
  return {
    protocol: 'http',
    peer: `peer${number}:80`,
    summary: `POST /${number}`,
    grade: 'exact',
    source: 'loop',
    exchange: stream(number),
    ms: 1,
    matters: true,
    askedAt: NOW + number,
    ...more,
  };
}

const other = (recordedValue: string, asked: string) => ({
  grade: 'drifted' as const,
  found: [{ where: 'body.value', recorded: recordedValue, asked, noise: false }],
});

function seen(more: Partial<Seen> = {}): Seen {
  const trigger = exchange(9, {
    request: message({ ':method': 'POST', ':path': '/orders', ...JSON_TYPE }, '{"coupon":"WINTER-26"}'),
    startedAt: T0,
    endedAt: T0 + 1000,
  });
  return {
    plan: { trigger, http: [recorded(1, { price: 1250 }), recorded(2, {})], commands: [] },
    calls: [call(1), call(2)],
    unasked: [],
    diff: [],
    ...more,
  };
}

const twoCalls = (recordedValue: string, asked: string) => [call(1), call(2, other(recordedValue, asked))];
const causeOf = (more: Partial<Seen>) => firstDivergence(seen(more))?.cause;

describe('why a replay goes another way', () => {
  it('is not said where it does not', () => expect(firstDivergence(seen())).toBeUndefined());

  it('trigger: the value stands in the request, which was sent again', () => {
    expect(causeOf({ calls: twoCalls('WINTER-26', 'SUMMER-26') })).toEqual({
      from: 'trigger',
      where: 'body.coupon',
      value: 'WINTER-26',
      text: 'every earlier call was asked and answered as recorded: the code itself takes another way here. The recorded value stands in body.coupon of the request, which was sent again',
    });
  });

  it('call: one before it was answered otherwise', () => {
    const calls = [call(1, { grade: 'real' }), call(2, other('1250', '1300'))];
    expect(causeOf({ calls })).toEqual({
      from: 'call',
      call: 0,
      text: 'POST /1 at peer1:80 was answered otherwise before (real)',
    });
  });

  it('never given: the call whose answer held it was not made', () => {
    const calls = [call(2, other('1250', '0'))];
    expect(causeOf({ calls })).toEqual({
      from: 'call',
      where: 'body.price',
      value: '1250',
      text: 'the recorded value came from body.price of the answer to an earlier call, which was not asked this time',
    });
  });

  it('never what was recorded after a call that was not asked', () => {
    const plan = { ...seen().plan, http: [1, 2, 3].map((number) => recorded(number, {})) };
    const unasked = [{ id: stream(2), line: 'POST /2 at peer2:80', startedAt: T0 + 20, endedAt: T0 + 25 }];
    const calls = [call(1), call(3, other('1', '2'))];
    expect(firstDivergence(seen({ plan, calls, unasked }))).toMatchObject({
      summary: 'POST /2 at peer2:80 was recorded, and not asked',
      cause: { from: 'code', text: expect.stringContaining('every earlier call was asked and answered as recorded') },
    });
    const first = [call(1, { grade: 'real' }), call(3)];
    expect(firstDivergence(seen({ plan, calls: first, unasked }))?.cause).toMatchObject({ from: 'call', call: 0 });
  });

  it('no short value of the environment, which is the same by chance', () => {
    expect(causeOf({ calls: twoCalls('50', '10'), environment: { POOL_SIZE: '10' } })?.from).toBe('unknown');
  });

  it('environment: the value stands in it', () => {
    expect(causeOf({ calls: twoCalls('eu-1', 'local'), environment: { REGION: 'local' } })).toEqual({
      from: 'environment',
      where: 'REGION',
      value: 'local',
      text: 'this value stands in REGION of its environment',
    });
  });

  it('clock: each value is the time of its own run, and not just any time', () => {
    const [then, now] = [new Date(T0 + 3).toISOString(), new Date(NOW - 3).toISOString()];
    expect(causeOf({ calls: twoCalls(then, now), clock: NOW })?.from).toBe('clock');
    expect(causeOf({ calls: twoCalls(then.slice(0, 10), now.slice(0, 10)), clock: NOW })?.from).toBe('clock');
    expect(causeOf({ calls: twoCalls(then, '2019-05-01T00:00:00.000Z'), clock: NOW })?.from).toBe('unknown');
    expect(causeOf({ calls: twoCalls('2019-05-01T00:00:00.000Z', now), clock: NOW })?.from).toBe('unknown');
    expect(causeOf({ calls: twoCalls(then, now) })?.from).toBe('unknown');
  });

  it('code: what it was made of was given again', () => {
    expect(causeOf({ calls: twoCalls('1250', '1251') })).toEqual({
      from: 'code',
      call: 0,
      where: 'body.price',
      value: '1250',
      text: 'every earlier call was asked and answered as recorded: the code itself takes another way here. The recorded value came from body.price of the answer to POST /1 at peer1:80, which was given again',
    });
  });

  it('unknown: the value stands in nothing', () => {
    expect(causeOf({ calls: twoCalls('4711', '4712') })).toEqual({
      from: 'unknown',
      text: 'every earlier call was asked and answered as recorded, and the recorded value stands in nothing it was given',
    });
  });

  it('unknown: a call before it was borrowed, which may or may not have to do with it', () => {
    const calls = [call(1, { grade: 'borrowed', source: 'ambient' }), call(2, other('4711', '4712'))];
    expect(causeOf({ calls })).toEqual({
      from: 'unknown',
      call: 0,
      text: 'no value tells it; POST /1 at peer1:80 before it was answered borrowed',
    });
  });

  it('no call is said to have been asked where there was none', () => {
    const first = call(2, { grade: 'missed', exchange: undefined as never });
    expect(causeOf({ calls: [first] })?.text).toBe('no call came before it: the code itself takes another way here');
  });
});
