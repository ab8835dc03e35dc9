import { describe, expect, it } from 'vitest';
import { decodeBackend, encodeBackend, type RespVersion } from '../../../../../src/wire/redis/backend.ts';
import { commandOf } from '../../../../../src/wire/redis/frontend.ts';
import { frameOf } from '../../../../../src/wire/redis/framing.ts';
import { inVersion } from '../../../../../src/wire/redis/language/versions.ts';

function translated(words: string, reply: string, version: RespVersion): string {
  const decoded = decodeBackend(frameOf('server', Buffer.from(`${reply.replaceAll('|', '\r\n')}\r\n`)));
  if (decoded === undefined) throw new Error(`not a reply: ${reply}`);
  return Buffer.from(encodeBackend(inVersion(decoded, commandOf(...words.split(' ')), version), version))
    .toString()
    .replaceAll('\r\n', '|')
    .slice(0, -1);
}

/** What one server says in version 2 and in version 3. */
const REPLIES: readonly (readonly [words: string, second: string, third: string])[] = [
  ['GET a', '$1|x', '$1|x'],
  ['GET a', '$-1', '_'],
  ['BLPOP q 1', '*-1', '_'],
  ['ZRANK z a', '$-1', '_'],
  ['ZRANK z a WITHSCORE', '*-1', '_'],
  ['HGETALL h', '*2|$1|a|$1|b', '%1|$1|a|$1|b'],
  ['HGETALL h', '*0', '%0'],
  ['CONFIG GET x', '*2|$1|x|$1|1', '%1|$1|x|$1|1'],
  ['XINFO GROUPS s', '*1|*2|$4|name|$1|g', '*1|%1|$4|name|$1|g'],
  ['SMEMBERS s', '*2|$1|a|$1|b', '~2|$1|a|$1|b'],
  ['SPOP s 1', '*1|$1|a', '~1|$1|a'],
  ['SPOP s', '$1|a', '$1|a'],
  ['ZSCORE z a', '$3|1.5', ',1.5'],
  ['ZADD z INCR 1 a', '$1|2', ',2'],
  ['ZADD z 1 a', ':1', ':1'],
  ['ZMSCORE z a b', '*2|$1|1|$-1', '*2|,1|_'],
  ['ZRANGE z 0 -1 WITHSCORES', '*2|$1|a|$1|1', '*1|*2|$1|a|,1'],
  ['ZRANGE z 0 -1', '*1|$1|a', '*1|$1|a'],
  ['HRANDFIELD h 1 WITHVALUES', '*2|$1|f|$1|v', '*1|*2|$1|f|$1|v'],
  ['ZPOPMIN z', '*2|$1|a|$1|1', '*2|$1|a|,1'],
  ['ZPOPMIN z 1', '*2|$1|a|$1|1', '*1|*2|$1|a|,1'],
  ['BZPOPMIN z 1', '*3|$1|z|$1|a|$1|1', '*3|$1|z|$1|a|,1'],
  ['BZMPOP 1 1 z MIN', '*2|$1|z|*1|*2|$1|a|$1|1', '*2|$1|z|*1|*2|$1|a|,1'],
  ['ZRANK z a WITHSCORE', '*2|:0|$1|1', '*2|:0|,1'],
  ['XREAD STREAMS s 0', '*1|*2|$1|s|*0', '%1|$1|s|*0'],
  ['GEOPOS g a b', '*2|*2|$1|1|$1|2|*-1', '*2|*2|,1|,2|_'],
  ['INFO', '$3|a:b', '=7|txt:a:b'],
  ['EVAL x 0', '*1|$1|a', '*1|$1|a'],
];

describe('a reply recorded in one version, for a client that speaks the other', () => {
  it.each(REPLIES)('%s: %s is %s', (words, second, third) => {
    expect(translated(words, second, 3)).toBe(third);
    expect(translated(words, third, 2)).toBe(second);
    expect(translated(words, third, 3)).toBe(third);
    expect(translated(words, second, 2)).toBe(second);
  });

  it('stays as it is when it has not the shape that is expected', () => {
    expect(translated('HGETALL h', '*1|$1|a', 3)).toBe('*1|$1|a');
    expect(translated('XREAD STREAMS s 0', '-WRONGTYPE no', 3)).toBe('-WRONGTYPE no');
  });
});

it('a null stays what it was in the version it was recorded in', () => {
  expect(translated('BLPOP q 1', '$-1', 2)).toBe('$-1');
  expect(translated('GET a', '*-1', 2)).toBe('*-1');
});
