import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../src/domain/conversation.ts';
import { decodeCommands } from '../../../../src/wire/redis/commands.ts';
import { encodeFrontend, commandOf } from '../../../../src/wire/redis/frontend.ts';
import { redis } from '../../../../src/wire/redis/protocol.ts';
import { answeredValues, askedValues } from '../../../../src/wire/redis/values.ts';
import { client, conversation, server } from '../../../support/redis-wire.ts';

const first = (asked: string | Uint8Array, ...replies: readonly string[]): Command => {
  const [command] = decodeCommands(conversation([client(asked), server(...replies)]));
  if (command === undefined) throw new Error('there is no command');
  return command;
};
const pairs = (values: readonly { readonly name: string; readonly value: string }[]): string[] =>
  values.map(({ name, value }) => `${name}=${value}`);

describe('values asked with', () => {
  it.each([
    ['GET cart:7', ['key=cart:7', 'cart=7']],
    ['SET cart:7:total 12 EX 60', ['key=cart:7:total', 'cart=7', '7=total', 'cart=12', 'redis=EX', 'redis=60']],
    ['HSET user:7 mail a@b', ['key=user:7', 'user=7', 'redis=mail', 'mail=a@b']],
    ['XADD s MAXLEN 5 * order 9', ['key=s', 'redis=MAXLEN', 'redis=5', 'redis=*', 'redis=order', 'order=9']],
    ['PUBLISH orders 9', ['redis=orders', 'redis=9']],
    ['AUTH hunter2', []],
    ['CLIENT SETNAME web', []],
  ])('%s', (asked, values) => {
    expect(pairs(askedValues(first(asked, ':1')))).toEqual(values);
  });

  it('are found in JSON', () => {
    const json = encodeFrontend(commandOf('SET', 'cart:7', '{"order":{"id":9},"tags":["a"]}'));
    expect(pairs(askedValues(first(json, '+OK')))).toEqual(expect.arrayContaining(['id=9', 'tags=a']));
  });
});

describe('values answered', () => {
  it.each([
    ['GET a', '$2|12', ['redis=12']],
    ['GET a', '$10|{"id":"x"} ', ['id=x']],
    ['HGETALL h', '*4|$1|a|$1|1|$1|b|$1|2', ['a=1', 'b=2']],
    ['HGETALL h', '%1|$1|a|$1|1', ['a=1']],
    ['HMGET h a b', '*2|$1|1|$-1', ['a=1']],
    ['SET a 1', '+OK', []],
    ['INCR a', ':7', ['redis=7']],
    ['GET a', '-WRONGTYPE no', ['error=WRONGTYPE no']],
    ['HELLO 3', '%1|$2|id|:4', []],
  ])('%s %s', (asked, reply, values) => {
    const [name, body] = reply.split('|{');
    const exact = body === undefined ? reply : `${name?.startsWith('$') ? `$${body.length + 1}` : name}|{${body}`;
    expect(pairs(answeredValues(first(asked, exact)))).toEqual(values);
  });

  it('are those of messages, and not of their channels', () => {
    const subscribed = first('SUBSCRIBE news', '*3|$9|subscribe|$4|news|:1', '*3|$7|message|$4|news|$2|hi');
    expect(pairs(answeredValues(subscribed))).toEqual(['redis=hi']);
  });
});

it('blocks open with MULTI and WATCH, and close with EXEC and DISCARD', () => {
  const sent = [
    client('WATCH a', 'MULTI', 'GET a', 'EXEC', 'DISCARD'),
    server('+OK', '+OK', '+QUEUED', '*1|$1|x', '-ERR no MULTI'),
  ];
  const commands = decodeCommands(conversation(sent));
  expect(commands.map((command) => redis.block?.(command))).toEqual(['opens', 'opens', undefined, 'closes', undefined]);
});
