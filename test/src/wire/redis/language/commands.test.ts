import { describe, expect, it } from 'vitest';
import { commandOf } from '../../../../../src/wire/redis/frontend.ts';
import { blocksFor, effectOf, fullName, keysOf, secretsOf } from '../../../../../src/wire/redis/language/commands.ts';

const asked = (line: string) => commandOf(...line.split(' '));
const keys = (line: string): readonly string[] => keysOf(asked(line)).map((at) => line.split(' ')[at] ?? '');

describe('keys', () => {
  it.each([
    ['GET a', ['a']],
    ['MGET a b c', ['a', 'b', 'c']],
    ['MSET a 1 b 2', ['a', 'b']],
    ['BLPOP a b 0', ['a', 'b']],
    ['ZUNIONSTORE out 2 a b WEIGHTS 1 2', ['out', 'a', 'b']],
    ['EVAL code 2 a b x', ['a', 'b']],
    ['EVALSHA sha 0 x', []],
    ['LMPOP 2 a b LEFT', ['a', 'b']],
    ['BLMPOP 0 1 a LEFT', ['a']],
    ['XREADGROUP GROUP g c COUNT 1 STREAMS a b > >', ['a', 'b']],
    ['XREAD BLOCK 0', []],
    ['BITOP AND out a b', ['out', 'a', 'b']],
    ['XGROUP CREATE s g $', ['s']],
    ['JSON.SET doc $ 1', ['doc']],
    ['PING', []],
    ['GET', []],
    ['EVAL code 99999999 a', ['a']],
    ['EVAL code x a', []],
  ])('%s', (line, found) => {
    expect(keys(line)).toEqual(found);
  });
});

describe('effects', () => {
  it.each([
    ['get a', 'read'],
    ['SET a 1', 'write'],
    ['SORT a', 'read'],
    ['SORT a STORE b', 'write'],
    ['EVAL_RO x 0', 'read'],
    ['FCALL f 0', 'script'],
    ['CLIENT SETNAME a', 'session'],
    ['MULTI', 'transaction'],
    ['PUBLISH a b', 'pubsub'],
    ['INFO', 'server'],
    ['FT.SEARCH a b', 'write'],
  ])('%s is %s', (line, effect) => {
    expect(effectOf(asked(line))).toBe(effect);
  });
});

it('names with their second word', () => {
  expect(['client setname a', 'xgroup create s g $', 'get a', 'config'].map((line) => fullName(asked(line)))).toEqual([
    'CLIENT SETNAME',
    'XGROUP CREATE',
    'GET',
    'CONFIG',
  ]);
});

it('blocking, in seconds', () => {
  const lines = [
    'BLPOP a 2',
    'BLMPOP 3 1 a LEFT',
    'XREAD BLOCK 500 STREAMS a 0',
    'BLMOVE a b LEFT LEFT 0',
    'XREAD STREAMS a 0',
    'GET a',
  ];
  expect(lines.map((line) => blocksFor(asked(line)))).toEqual([2, 3, 0.5, 0, undefined, undefined]);
});

it('passwords', () => {
  const lines = [
    'AUTH u p',
    'HELLO 3 AUTH u p SETNAME n',
    'CONFIG SET maxmemory 1 masterauth p',
    'CONFIG GET requirepass',
    'SENTINEL CONFIG SET resolve-hostnames yes sentinel-pass p',
    'SENTINEL CONFIG GET sentinel-pass',
    'SENTINEL SET m auth-pass p',
    'MIGRATE h 1 k 0 9 AUTH2 u p',
  ];
  expect(lines.map((line) => secretsOf(asked(line)))).toEqual([[1, 2], [3, 4], [5], [], [6], [], [4], [7, 8]]);
});
