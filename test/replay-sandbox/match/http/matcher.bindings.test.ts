import fc from 'fast-check';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bodyOf, header } from '../../../../src/domain/exchange.ts';
import { Bindings } from '../../../../replay-sandbox/match/bindings.ts';
import type { AnswerSource } from '../../../../replay-sandbox/match/call.ts';
import { HttpMatcher } from '../../../../replay-sandbox/match/http/matcher.ts';
import { question } from '../../../../replay-sandbox/match/http/question.ts';
import { exchange, message, T0 } from '../../../support/transaction.ts';

const THEN = '7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f';
const NOW = '0a6c3c1e-5f2b-4e0e-8c55-0b6a3a1d2e4f';
const JSON_TYPE = { 'content-type': 'application/json' };

interface Call {
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer?: Parameters<typeof message>[1];
  readonly answerHeaders?: Readonly<Record<string, string>>;
  readonly source?: AnswerSource;
}

function matcherOf(calls: readonly Call[], bindings = new Bindings()): HttpMatcher {
  const answers = calls.map(({ path, body = '', headers = {}, answer = '', answerHeaders = {}, source }, at) => {
    const method = body === '' ? 'GET' : 'POST';
    const request = message({ ':method': method, ':path': path, ...JSON_TYPE, ...headers }, body);
    const response = message({ ':status': '200', ...JSON_TYPE, ...answerHeaders }, answer);
    return { exchange: exchange(at + 1, { request, response }), source: source ?? ('loop' as const) };
  });
  return new HttpMatcher(answers, () => T0, bindings);
}

function ask(matcher: HttpMatcher, path: string, body = '', headers: Readonly<Record<string, string>> = {}) {
  const all = Object.entries({ ...JSON_TYPE, ...headers }).map(([name, value]) => ({ name, value }));
  const match = matcher.match(question(body === '' ? 'GET' : 'POST', path, all, Buffer.from(body)));
  if (match.kind === 'miss' || match.exchange.response === undefined) throw new Error('it has no answer');
  return { ...match, response: match.exchange.response };
}

describe('what is made anew', () => {
  it('stands in the answer: in headers, in a compressed body, with the length it then has', () => {
    const zipped = gzipSync(JSON.stringify({ self: `order:${THEN}` }));
    const answerHeaders = {
      location: `/o/${THEN}`,
      'content-encoding': 'gzip',
      'content-length': String(zipped.length),
    };
    const matcher = matcherOf([{ path: '/o', body: `{"id":"${THEN}"}`, answer: zipped, answerHeaders }]);
    const { response, grade } = ask(matcher, '/o', `{"id":"${NOW}"}`);
    const body = bodyOf(response);
    expect(grade).toBe('normalised');
    expect(JSON.parse(gunzipSync(body).toString())).toEqual({ self: `order:${NOW}` });
    expect(header(response.headers, 'location')).toBe(`/o/${NOW}`);
    expect(header(response.headers, 'content-length')).toBe(String(body.length));
  });

  it('is known at every other peer, inside of longer text too', () => {
    const bindings = new Bindings();
    ask(matcherOf([{ path: '/o', body: `{"key":"order:${THEN}"}` }], bindings), '/o', `{"key":"order:${NOW}"}`);
    const other = matcherOf([{ path: `/o/${NOW.replace('0a', '1b')}` }, { path: `/o/${THEN}` }], bindings);
    expect(ask(other, `/o/${NOW}`).exchange.id).toMatch(/\.2$/);
  });

  it('leaves no checksum of the body it had, and its etag', () => {
    const answerHeaders = { 'content-md5': 'zz', 'x-amz-crc32': '1', 'x-amz-checksum-sha256': 'a', etag: '"1"' };
    const call = { path: '/o', body: `{"id":"${THEN}"}`, answerHeaders };
    const names = (answer: string) =>
      ask(matcherOf([{ ...call, answer }]), '/o', `{"id":"${NOW}"}`).response.headers.map(({ name }) => name);
    expect(names(THEN)).toEqual([':status', 'content-type', 'etag']);
    expect(names('nothing of it')).toEqual([':status', 'content-type', ...Object.keys(answerHeaders)]);
  });

  it.each([
    ['is put into bytes where it is as long', THEN, NOW],
    ['and never moves what stands behind it', 'order-1-first', 'order-1-the-second'],
  ])('%s', (_what, then, now) => {
    const answer = Buffer.from(`\n${String.fromCharCode(then.length)}${then}`);
    const call = { path: '/o', answer, answerHeaders: { 'content-type': 'application/x-protobuf' } };
    const matcher = matcherOf([{ ...call, body: '{"a":1}', headers: { 'idempotency-key': then } }]);
    const given = bodyOf(ask(matcher, '/o', '{"a":1}', { 'idempotency-key': now }).response);
    const wanted = then.length === now.length ? now : then;
    expect(Buffer.from(given)).toEqual(Buffer.concat([answer.subarray(0, 2), Buffer.from(wanted)]));
  });

  it('by its header may have any shape and length', () => {
    const call = {
      path: '/pay',
      body: '{"cents":5}',
      headers: { 'idempotency-key': 'order-1-first' },
      answer: '{"key":"order-1-first"}',
    };
    const { response, grade } = ask(matcherOf([call]), '/pay', '{"cents":5}', {
      'idempotency-key': 'order-1-the-second',
    });
    expect([Buffer.from(bodyOf(response)).toString(), grade]).toEqual(['{"key":"order-1-the-second"}', 'normalised']);
  });
});

it('a read of the same route is borrowed from a good transaction, for another id that was made anew: no number, and no write', () => {
  const matcher = matcherOf([
    { path: `/users/${THEN}`, answer: `{"id":"${THEN}","count":7}`, source: 'exemplar' },
    { path: `/users/${THEN}`, body: '{"a":1}', source: 'exemplar' },
    { path: '/prices/7', answer: '{"id":7}', source: 'exemplar' },
  ]);
  const { grade, explanation, response } = ask(matcher, `/users/${NOW}`);
  expect([grade, explanation[0]]).toEqual([
    'borrowed',
    `borrowed from a good transaction of this route: it was answered to GET /users/${THEN}`,
  ]);
  expect(JSON.parse(Buffer.from(bodyOf(response)).toString())).toEqual({ id: NOW, count: 7 });
  expect(() => ask(matcher, '/prices/9')).toThrow('it has no answer');
  expect(() => ask(matcher, `/users/${NOW}`, '{"a":2}')).toThrow('it has no answer');
});

describe('what is lent', () => {
  const OTHER = '1b6c3c1e-5f2b-4e0e-8c55-0b6a3a1d2e4f';

  it('by a good transaction binds nothing: its own question is still answered with what was said to it', () => {
    const answer = (id: string) => `{"id":"${id}"}`;
    const matcher = matcherOf([{ path: `/users/${THEN}`, answer: answer(THEN), source: 'exemplar' }]);
    const said = (id: string) => Buffer.from(bodyOf(ask(matcher, `/users/${id}`).response)).toString();
    expect([NOW, OTHER, THEN].map(said)).toEqual([NOW, OTHER, THEN].map(answer));
  });

  it('to another question is still there for its own', () => {
    const matcher = matcherOf([{ path: '/quotes', body: '{"sku":"a"}', answer: 'A' }]);
    const grades = ['b', 'a', 'a'].map((sku) => {
      try {
        return ask(matcher, '/quotes', JSON.stringify({ sku })).grade;
      } catch {
        return 'missed';
      }
    });
    expect(grades).toEqual(['drifted', 'exact', 'missed']);
  });
});

describe('another question', () => {
  const quotes = ['{"sku":"a","n":1}', '{"sku":"b","n":2}'].map((body) => ({ path: '/quotes', body, answer: body }));

  it('has no answer where several were recorded, and were answered otherwise', () => {
    expect(() => ask(matcherOf(quotes), '/quotes', '{"sku":"never","n":1}')).toThrow('it has no answer');
  });

  it('that says more than a recorded one, and nothing else, gets its answer', () => {
    const { grade, response } = ask(matcherOf(quotes), '/quotes', '{"sku":"b","n":2,"currency":"EUR"}');
    expect([grade, Buffer.from(bodyOf(response)).toString()]).toEqual(['drifted', '{"sku":"b","n":2}']);
  });

  it('gets the last one that is left, or what all were answered', () => {
    const matcher = matcherOf(quotes);
    ask(matcher, '/quotes', '{"sku":"a","n":1}');
    expect(ask(matcher, '/quotes', '{"sku":"never","n":1}').exchange.id).toMatch(/\.2$/);
    const alike = matcherOf(quotes.map((quote) => ({ ...quote, answer: `{"entry":"${THEN}"}` })));
    expect(ask(alike, '/quotes', '{"sku":"never","n":1}').grade).toBe('drifted');
  });
});

it('an id that was recorded stands for itself: who asks for it again gets no other one’s answer', () => {
  const matcher = matcherOf([THEN, NOW].map((id) => ({ path: `/orders/${id}`, answer: id })));
  const again = [THEN, THEN, NOW].map((id) => Buffer.from(bodyOf(ask(matcher, `/orders/${id}`).response)).toString());
  expect(again).toEqual([THEN, THEN, NOW]);
});

it('in whatever order they are asked, calls that were recorded get their own answers', () => {
  const value = fc.constantFrom('{"n":1}', '{"n":2}', `{"id":"${THEN}"}`, '{"n":1,"m":[1]}');
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 8 }), fc.infiniteStream(fc.nat()), (bodies, random) => {
      const matcher = matcherOf(bodies.map((body) => ({ path: '/same', body, answer: body })));
      const shuffled = bodies
        .map((body) => [random.next().value ?? 0, body] as const)
        .toSorted(([one], [other]) => one - other);
      for (const [, body] of shuffled) {
        const { response, grade } = ask(matcher, '/same', body);
        expect([Buffer.from(bodyOf(response)).toString(), grade]).toEqual([body, 'exact']);
      }
    }),
    { numRuns: 50 },
  );
});
