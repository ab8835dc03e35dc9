import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../src/domain/conversation.ts';
import { decodeCommands } from '../../../../src/wire/redis/commands.ts';
import { CAPTURES, captured, client, conversation, inPieces, server, type Sent } from '../../../support/redis-wire.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').replaceAll('\r\n', '|').slice(0, -1);

/** As a transcript: what was asked, each reply, and `>` each push. */
function shown({ summary, response, pushed = [] }: Command): string {
  return [summary, ...response.map(text), ...pushed.map(({ bytes }) => `> ${text(bytes)}`)].join('  ');
}

const transcript = (sent: readonly Sent[], more = {}): string[] => decodeCommands(conversation(sent, more)).map(shown);

describe('a command', () => {
  it('has its answer, its time and its words', () => {
    const [get, ...rest] = decodeCommands(conversation([client('get cart:7'), server('$2|12')]));
    expect(rest).toEqual([]);
    expect(get).toMatchObject({
      summary: 'GET cart:7',
      startedAt: 100,
      endedAt: 101,
      openInbound: 1,
      protocol: 'redis',
    });
    expect(get?.response.map(text)).toEqual(['$2|12']);
  });

  it('is answered in order when several were sent at once', () => {
    expect(transcript([client('INCR n', 'GET a', 'LRANGE l 0 -1'), server(':1', '$-1'), server('*1|$1|x')])).toEqual([
      'INCR n  :1',
      'GET a  $-1',
      'LRANGE l 0 -1  *1|$1|x',
    ]);
  });

  it.each([
    ['-WRONGTYPE Operation against a key', 'WRONGTYPE'],
    ['-MOVED 3999 127.0.0.1:6381', 'MOVED'],
    ['-NOSCRIPT No matching script.', 'NOSCRIPT'],
    ['!10|ERR a b cd', 'ERR'],
  ])('fails with the first word: %s', (reply, code) => {
    const [failed] = decodeCommands(conversation([client('GET a'), server(reply)]));
    expect(failed?.error?.code).toBe(code);
  });

  it.each([
    ['HGETALL h', '*4|$1|a|$1|1|$1|b|$1|2', 2],
    ['HGETALL h', '%1|$1|a|$1|1', 1],
    ['LRANGE l 0 -1', '*0', 0],
    ['SMEMBERS s', '~2|+a|+b', 2],
    ['SCAN 0', '*2|$1|0|*3|$1|a|$1|b|$1|c', 3],
    ['XREAD STREAMS a b 0 0', '*2|*2|+a|*2|:1|:2|*2|+b|*1|:3', 3],
    ['XREAD STREAMS a 0', '%1|+a|*2|:1|:2', 2],
    ['BLPOP l 1', '*-1', 0],
    ['GET a', '$1|x', undefined],
  ])('%s counts the items of %s', (asked, reply, rows) => {
    expect(decodeCommands(conversation([client(asked), server(reply)]))[0]?.rows).toBe(rows);
  });

  it('without an answer has none', () => {
    const [open] = decodeCommands(conversation([client('BLPOP jobs 0')]));
    expect(open).toMatchObject({ summary: 'BLPOP jobs 0', response: [], endedAt: 101 });
  });

  it('shows no password', () => {
    const sent = [
      client('AUTH app hunter2', 'HELLO 3 AUTH app hunter2 SETNAME web', 'CONFIG SET requirepass hunter2'),
      client('ACL SETUSER kim on >hunter2 ~*', 'MIGRATE h 1 k 0 9 AUTH hunter2'),
      server('+OK', '%0', '+OK', '+OK', '+OK'),
    ];
    expect(transcript(sent).map((line) => line.split('  ')[0])).toEqual([
      'AUTH (secret) (secret)',
      'HELLO 3 AUTH (secret) (secret) SETNAME web',
      'CONFIG SET requirepass (secret)',
      'ACL SETUSER kim on (secret) ~*',
      'MIGRATE h 1 k 0 9 AUTH (secret)',
    ]);
  });

  it('may ask for no answer', () => {
    const sent = [
      client('CLIENT REPLY SKIP', 'SET a 1', 'GET a', 'CLIENT REPLY OFF', 'SET b 2', 'CLIENT REPLY ON', 'GET b'),
      server('$1|1', '+OK', '$1|2'),
    ];
    expect(transcript(sent)).toEqual([
      'CLIENT REPLY SKIP',
      'SET a 1',
      'GET a  $1|1',
      'CLIENT REPLY OFF',
      'SET b 2',
      'CLIENT REPLY ON  +OK',
      'GET b  $1|2',
    ]);
  });
});

describe('a transaction', () => {
  it('gives each of its commands its own reply', () => {
    const sent = [
      client('MULTI', 'INCR n', 'LPUSH n x', 'EXEC'),
      server('+OK', '+QUEUED', '+QUEUED', '*2|:1|-WRONGTYPE no'),
    ];
    const commands = decodeCommands(conversation(sent));
    expect(commands.map(shown)).toEqual([
      'MULTI  +OK',
      'INCR n  +QUEUED  :1',
      'LPUSH n x  +QUEUED  -WRONGTYPE no',
      'EXEC  *2|:1|-WRONGTYPE no',
    ]);
    expect(commands.map(({ error }) => error?.code)).toEqual([undefined, undefined, 'WRONGTYPE', undefined]);
  });

  it.each(['*-1', '_', '-EXECABORT Transaction discarded'])('that did not run gives none: %s', (answer) => {
    const sent = [client('MULTI', 'INCR n', 'EXEC', 'GET n'), server('+OK', '+QUEUED', answer, '$1|1')];
    expect(transcript(sent)).toEqual(['MULTI  +OK', 'INCR n  +QUEUED', `EXEC  ${answer}`, 'GET n  $1|1']);
  });

  it('is over with DISCARD, and a nested MULTI does not end it', () => {
    const sent = [
      client('MULTI', 'MULTI', 'INCR n', 'DISCARD', 'GET n'),
      server('+OK', '-ERR MULTI calls can not be nested', '+QUEUED', '+OK', '$1|1'),
    ];
    expect(transcript(sent).at(-1)).toBe('GET n  $1|1');
  });
});

describe('a subscription', () => {
  const message = '*3|$7|message|$4|news|$2|hi';

  it('has what came of it', () => {
    const sent = [
      client('SUBSCRIBE news jobs', 'PSUBSCRIBE n*'),
      server('*3|$9|subscribe|$4|news|:1', '*3|$9|subscribe|$4|jobs|:2', '*3|$10|psubscribe|$2|n*|:3'),
      server(message, '*4|$8|pmessage|$2|n*|$4|news|$2|hi'),
      client('PING', 'UNSUBSCRIBE'),
      server('*2|$4|pong|$0|', '*3|$11|unsubscribe|$4|news|:2', '*3|$11|unsubscribe|$4|jobs|:1'),
    ];
    expect(transcript(sent)).toEqual([
      `SUBSCRIBE news jobs  *3|$9|subscribe|$4|news|:1  *3|$9|subscribe|$4|jobs|:2  > ${message}`,
      'PSUBSCRIBE n*  *3|$10|psubscribe|$2|n*|:3  > *4|$8|pmessage|$2|n*|$4|news|$2|hi',
      'PING  *2|$4|pong|$0|',
      'UNSUBSCRIBE  *3|$11|unsubscribe|$4|news|:2  *3|$11|unsubscribe|$4|jobs|:1',
    ]);
  });

  it('in version 3 leaves the connection to other commands, and their lists to themselves', () => {
    const sent = [
      client('HELLO 3', 'SUBSCRIBE news', 'LRANGE l 0 -1'),
      server('%1|$5|proto|:3', '>3|$9|subscribe|$4|news|:1', '>3|$7|message|$4|news|$2|hi', message),
    ];
    expect(transcript(sent).slice(1)).toEqual([
      'SUBSCRIBE news  >3|$9|subscribe|$4|news|:1  > >3|$7|message|$4|news|$2|hi',
      `LRANGE l 0 -1  ${message}`,
    ]);
  });

  it('from before the recording is a command once something came of it', () => {
    const state = [client('SUBSCRIBE news'), server('*3|$9|subscribe|$4|news|:1'), client('SELECT 3'), server('+OK')];
    const before = conversation(state).bytes.map((chunk) => ({ ...chunk, at: 0 }));
    expect(transcript([], { state: before })).toEqual([]);
    const [subscribed, ...rest] = decodeCommands(conversation([server(message)], { state: before }));
    expect(rest).toEqual([]);
    expect(subscribed).toMatchObject({ summary: 'SUBSCRIBE news', startedAt: 100, pushed: [{ at: 100 }] });
  });

  it('to keys that changed, and to all commands', () => {
    const sent = [
      client('CLIENT TRACKING ON', 'MONITOR'),
      server('+OK', '+OK', '>2|$10|invalidate|*1|$1|a', '+1339518083.107412 [0 127.0.0.1:60866] "get" "a"'),
      client('GET a'),
      server('+1339518083.2 [0 127.0.0.1:1] "get" "a"', '$1|1'),
    ];
    expect(transcript(sent)).toEqual([
      'CLIENT TRACKING ON  +OK  > >2|$10|invalidate|*1|$1|a',
      'MONITOR  +OK  > +1339518083.107412 [0 127.0.0.1:60866] "get" "a"  > +1339518083.2 [0 127.0.0.1:1] "get" "a"',
      'GET a  $1|1',
    ]);
  });
});

describe('after bytes were lost', () => {
  it('begins again with a command behind an answer', () => {
    const sent = [client('GET a'), server('tail of something'), client('INCR n'), server(':2')];
    const { bytes } = conversation(sent);
    const lost = bytes.map((chunk, at) => (at === 1 ? { ...chunk, lostBefore: true } : chunk));
    expect(transcript([], { bytes: lost })).toEqual(['INCR n  :2']);
  });

  it('takes back what was mistaken for the answers of others', () => {
    const sent = [client('GET a'), server('$1|x'), client('GET b'), server('$1|y'), server('$1|z')];
    const { bytes } = conversation(sent);
    const lost = bytes.map((chunk, at) => (at === 1 ? { ...chunk, lostBefore: true } : chunk));
    expect(transcript([], { bytes: lost })).toEqual([]);
  });
});

describe('an encrypted connection', () => {
  it('has no commands', () => {
    const hello = { side: 'client', bytes: Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3]) } as const;
    expect(transcript([hello, server('+OK'), client('GET a')])).toEqual([]);
  });
});

describe.each(CAPTURES)('what %s did', (name) => {
  it('is the same whole, byte by byte, and with bytes behind it', () => {
    for (const sent of captured(name)) {
      const whole = transcript(sent);
      expect(whole.length).toBeGreaterThan(4);
      expect(transcript(inPieces(sent, 1))).toEqual(whole);
      expect(transcript([...sent, { side: 'client', bytes: Buffer.from('*2\r\n$3\r\nGE') }])).toEqual(whole);
      expect(transcript([...sent, { side: 'server', bytes: Buffer.from('$3\r\nab') }])).toEqual(whole);
    }
  });

  it('was answered to the last command', () => {
    for (const sent of captured(name)) {
      const open = decodeCommands(conversation(sent)).filter(({ response }) => response.length === 0);
      expect(open).toEqual([]);
    }
  });
});
