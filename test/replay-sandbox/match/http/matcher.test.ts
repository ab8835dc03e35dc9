import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../../../replay-sandbox/match/http/candidate.ts';
import { HttpMatcher } from '../../../../replay-sandbox/match/http/matcher.ts';
import { question } from '../../../../replay-sandbox/match/http/question.ts';
import type { AnswerSource } from '../../../../replay-sandbox/match/call.ts';
import { exchange, message, T0 } from '../../../support/transaction.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

function recorded(number: number, method: string, path: string, body = '', source: AnswerSource = 'loop'): HttpAnswer {
  return {
    exchange: exchange(number, { request: message({ ':method': method, ':path': path, ...JSON_TYPE }, body) }),
    source,
  };
}

function ask(matcher: HttpMatcher, method: string, target: string, body = ''): string {
  const match = matcher.match(
    question(method, target, [{ name: 'content-type', value: 'application/json' }], Buffer.from(body)),
  );
  return match.kind === 'miss' ? 'missed' : `${match.grade} ${match.exchange.id.split('.')[1]}`;
}

const matcherOf = (...answers: readonly HttpAnswer[]) => new HttpMatcher(answers, () => T0 + 86_400_000 * 30);

describe('HTTP calls', () => {
  it('get their own answers, repeats in recorded order', () => {
    const matcher = matcherOf(recorded(1, 'GET', '/prices/7'), recorded(2, 'GET', '/prices/7'));
    expect([ask(matcher, 'GET', '/prices/7'), ask(matcher, 'GET', '/prices/7')]).toEqual(['exact 1', 'exact 2']);
  });

  it('may read the last answer again, and may not write again', () => {
    const matcher = matcherOf(recorded(1, 'GET', '/prices/7'), recorded(2, 'POST', '/orders', '{"a":1}'));
    ask(matcher, 'GET', '/prices/7');
    ask(matcher, 'POST', '/orders', '{"a":1}');
    expect(ask(matcher, 'GET', '/prices/7')).toBe('normalised 1');
    expect(ask(matcher, 'POST', '/orders', '{"a":1}')).toBe('missed');
  });

  it('find one that was answered before its upload was whole by the beginning of it', () => {
    const early = (number: number, body: string): HttpAnswer => ({
      exchange: exchange(number, {
        request: message({ ':method': 'POST', ':path': '/upload', ...JSON_TYPE }, body, { complete: false }),
      }),
      source: 'loop',
    });
    const matcher = matcherOf(early(1, '{"other'), early(2, '{"file":"ab'));
    expect(ask(matcher, 'POST', '/upload', '{"file":"abcdef"}')).toBe('exact 2');
    expect(ask(matcher, 'POST', '/upload', '{"file":"abcdef"}')).toBe('drifted 1');
  });

  it('find their answers in another order than recorded', () => {
    const matcher = matcherOf(recorded(1, 'GET', '/a'), recorded(2, 'GET', '/b'), recorded(3, 'GET', '/c'));
    expect(['/c', '/a', '/b'].map((path) => ask(matcher, 'GET', path))).toEqual(['exact 3', 'exact 1', 'exact 2']);
  });

  it.each([
    [
      'a fresh uuid in the path',
      '/orders/11111111-1111-4111-8111-111111111111',
      '',
      '/orders/22222222-2222-4222-8222-222222222222',
      '',
    ],
    [
      'a fresh uuid in the body',
      '/orders',
      '{"key":"11111111-1111-4111-8111-111111111111"}',
      '/orders',
      '{"key":"22222222-2222-4222-8222-222222222222"}',
    ],
    [
      'the time of the run',
      '/orders',
      `{"at":"${new Date(T0).toISOString()}"}`,
      '/orders',
      `{"at":"${new Date(T0 + 86_400_000 * 30).toISOString()}"}`,
    ],
    ['epoch milliseconds', `/orders?t=${T0}`, '', `/orders?t=${T0 + 86_400_000 * 30}`, ''],
    ['another order of keys', '/orders', '{"a":1,"b":2}', '/orders', '{"b":2,"a":1}'],
    ['another order of the query', '/orders?a=1&b=2', '', '/orders?b=2&a=1', ''],
  ])('match through %s', (_what, path, body, askedPath, askedBody) => {
    expect(ask(matcherOf(recorded(1, 'POST', path, body)), 'POST', askedPath, askedBody)).toMatch(
      /^(?:exact|normalised) 1$/,
    );
  });

  it('are drifted when the question is the same and a value is another', () => {
    const match = matcherOf(recorded(1, 'POST', '/quotes', '{"total":12,"currency":"EUR"}')).match(
      question(
        'POST',
        '/quotes',
        [{ name: 'content-type', value: 'application/json' }],
        Buffer.from('{"total":13,"currency":"EUR"}'),
      ),
    );
    expect(match).toMatchObject({
      kind: 'answer',
      grade: 'drifted',
      explanation: ['body.total: recorded "12", asked "13"'],
    });
  });

  it('miss when the path names another thing', () => {
    expect(ask(matcherOf(recorded(1, 'GET', '/prices/7')), 'GET', '/prices/8')).toBe('missed');
  });

  it.each(['exemplar', 'ambient', 'elsewhere'] as const)('do not write twice with what is %s', (source) => {
    const matcher = matcherOf(recorded(1, 'POST', '/pay', '{"a":1}'), recorded(2, 'POST', '/pay', '{"a":1}', source));
    const pay = () => ask(matcher, 'POST', '/pay', '{"a":1}');
    expect([pay(), pay()]).toEqual(['exact 1', 'missed']);
  });

  it('are borrowed where there is no own: reads from anywhere, writes from what no transaction asked', () => {
    const source = (one: AnswerSource) =>
      matcherOf(recorded(1, 'POST', '/token', '', one), recorded(2, 'GET', '/a', '', one));
    const all = (['ambient', 'exemplar', 'elsewhere'] as const).map(source);
    expect(all.map((matcher) => ask(matcher, 'POST', '/token'))).toEqual(['borrowed 1', 'missed', 'missed']);
    expect(all.map((matcher) => ask(matcher, 'GET', '/a'))).toEqual(['borrowed 2', 'borrowed 2', 'borrowed 2']);
  });

  it('take what is not the trigger’s own only for want of its own', () => {
    const matcher = matcherOf(recorded(1, 'GET', '/jwks', '', 'ambient'), recorded(2, 'GET', '/jwks'));
    expect([ask(matcher, 'GET', '/jwks'), ask(matcher, 'GET', '/jwks')]).toEqual(['exact 2', 'normalised 2']);
  });

  it('explain a miss by what came nearest', () => {
    const matcher = matcherOf(recorded(1, 'GET', '/prices/7?currency=EUR'), recorded(2, 'GET', '/stock/7'));
    const match = matcher.match(question('GET', '/prices/8?currency=USD', [], new Uint8Array()));
    expect(match.kind === 'miss' && match.explanation).toEqual([
      'GET /prices/8: no recorded call asks this. Nearest:',
      '  GET /prices/7 (not served yet): path[2]: recorded "7", asked "8"; query.currency: recorded "EUR", asked "USD"',
      '  GET /stock/7 (not served yet): path[1]: recorded "stock", asked "prices"; path[2]: recorded "7", asked "8"; query.currency: recorded nothing, asked "USD"',
      'The service took another way than in production: the first call above that differs names the value.',
    ]);
  });

  it('leave a list of what nobody asked for', () => {
    const matcher = matcherOf(recorded(1, 'GET', '/a'), recorded(2, 'GET', '/b'));
    ask(matcher, 'GET', '/a');
    expect(matcher.unused().map(({ id }) => id.split('.')[1])).toEqual(['2']);
  });

  it('survive hostile bodies', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    expect(ask(matcherOf(recorded(1, 'POST', '/x', deep)), 'POST', '/x', deep)).toBe('exact 1');
    expect(
      ask(matcherOf(recorded(1, 'POST', '/x', '{"__proto__":{"a":1}}')), 'POST', '/x', '{"__proto__":{"a":2}}'),
    ).toBe('drifted 1');
  });
});
