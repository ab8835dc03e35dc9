import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../replay-sandbox/compare/answer.ts';
import { compareAnswers } from '../../../replay-sandbox/compare/compare.ts';
import { describeDifference } from '../../../replay-sandbox/match/difference.ts';
import { headers, T0 } from '../../support/transaction.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

function answer(
  status: number | undefined,
  values: Record<string, string> = {},
  body: string | Uint8Array = '',
): Answer {
  return { status, headers: headers(values), body: typeof body === 'string' ? Buffer.from(body) : body };
}

const compare = (recorded: Answer, replayed: Answer) =>
  compareAnswers(recorded, replayed, { recordedAt: T0, now: T0 + 1e9 }).map(describeDifference);

describe('the recorded answer and the one just given', () => {
  it.each<[string, Answer, Answer, readonly string[]]>([
    ['the same', answer(200, JSON_TYPE, '{"a":1}'), answer(200, JSON_TYPE, '{ "a": 1 }'), []],
    [
      'the same, compressed otherwise',
      answer(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync('{"a":1}', { level: 9 })),
      answer(200, { ...JSON_TYPE, 'content-encoding': 'br' }, brotliCompressSync('{"a": 1}')),
      [],
    ],
    [
      'one that was not kept to its end',
      { ...answer(200, { 'content-type': 'text/plain' }, 'begins'), cut: true },
      answer(200, { 'content-type': 'text/plain' }, 'begins and goes on'),
      [],
    ],
    [
      'one that was not kept to its end, and begins otherwise',
      { ...answer(200, { 'content-type': 'text/plain' }, 'begins'), cut: true },
      answer(200, { 'content-type': 'text/plain' }, 'begun'),
      ['body[0]: recorded "begins", asked "begun"'],
    ],
    ['the status', answer(500), answer(200), ['status: recorded "500", asked "200"']],
    ['no answer', answer(500), answer(undefined), ['status: recorded "500", asked nothing']],
    [
      'a value',
      answer(200, JSON_TYPE, '{"a":[1,2]}'),
      answer(200, JSON_TYPE, '{"a":[1,3]}'),
      ['body.a[1]: recorded "2", asked "3"'],
    ],
    [
      'fresh ids and times alone',
      answer(200, JSON_TYPE, '{"at":"2026-01-02T03:04:05Z"}'),
      answer(200, JSON_TYPE, '{"at":"2026-01-13T16:50:45Z"}'),
      [],
    ],
    [
      'a header a client acts on',
      answer(302, { location: '/a' }),
      answer(302, { location: '/b' }),
      ['headers.location: recorded "/a", asked "/b"'],
    ],
    [
      'headers of servers and clocks',
      answer(200, { date: 'x', server: 'envoy' }),
      answer(200, { date: 'y', etag: 'z' }),
      [],
    ],
    [
      'a line of a text',
      answer(200, { 'content-type': 'text/plain' }, 'a\nb'),
      answer(200, { 'content-type': 'text/plain' }, 'a\nc'),
      ['body[1]: recorded "b", asked "c"'],
    ],
    [
      'other bytes',
      answer(200, {}, Uint8Array.of(1)),
      answer(200, {}, Uint8Array.of(2)),
      ['body: recorded "01", asked "02"'],
    ],
    [
      'JSON that is none',
      answer(200, JSON_TYPE, '{"a"'),
      answer(200, JSON_TYPE, '{"b"'),
      ['body: recorded "{\\"a\\"", asked "{\\"b\\""'],
    ],
  ])('%s', (_what, recorded, replayed, said) => {
    expect(compare(recorded, replayed)).toEqual(said);
  });

  it('JSON too deep to be walked', () => {
    const deep = (middle: string) => answer(200, JSON_TYPE, '['.repeat(50_000) + middle + ']'.repeat(50_000));
    expect(compare(deep('1'), deep('1'))).toEqual([]);
    expect(compare(deep('1'), deep('2'))).toHaveLength(1);
  });
});
