import { describe, expect, it } from 'vitest';
import type { CommandAnswer } from '../../../../replay-sandbox/match/command.ts';
import { CommandMatcher } from '../../../../replay-sandbox/match/redis/matcher.ts';
import { clusterNodes } from '../../../../replay-sandbox/mocks/redis/language/cluster.ts';
import { Playback } from '../../../../replay-sandbox/mocks/redis/playback.ts';
import type { CommandCall } from '../../../../replay-sandbox/mocks/redis/run.ts';
import { RedisServer, type Action } from '../../../../replay-sandbox/mocks/redis/server.ts';
import { decodeCommands } from '../../../../src/wire/redis/commands.ts';
import { Framer } from '../../../../src/wire/redis/framing.ts';
import { commandOf, decodeFrontend } from '../../../../src/wire/redis/frontend.ts';
import { captured, CAPTURES, conversation } from '../../../support/redis-wire.ts';
import { recorded, said } from '../../../support/redis-commands.ts';

interface Talk {
  /** What the server says to these words, line ends as `|`. */
  say(words: string): string;
  /** What it said on its own since it was last asked. */
  heard(): string;
  readonly server: RedisServer;
  readonly calls: readonly CommandCall[];
  /** Lets the time of what waits be over. */
  readonly pass: () => void;
}

function shown(actions: readonly Action[]): string {
  return actions
    .map((action) =>
      action.kind === 'close' ? '(closes)' : Buffer.from(action.bytes).toString().replaceAll('\r\n', '|'),
    )
    .join('');
}

/** Connections to one recorded server. */
function talks(answers: readonly CommandAnswer[], count = 1): readonly Talk[] {
  const playback = new Playback(answers);
  const matcher = new CommandMatcher(answers, [], {
    peer: 'redis',
    now: () => 1000,
    served: ({ command, inside }) =>
      [command, ...inside.map((one) => one.command)].forEach(({ id }) => playback.served(id)),
  });
  return Array.from({ length: count }, (_, index) => talk(matcher, playback, answers, index + 1));
}

function talk(matcher: CommandMatcher, playback: Playback, answers: readonly CommandAnswer[], id: number): Talk {
  const calls: CommandCall[] = [];
  const aside: Action[] = [];
  const waiting: (() => void)[] = [];
  const server = new RedisServer({
    matcher,
    playback,
    parameters: new Map([['version', '7.2.4']]),
    id,
    nodes: clusterNodes(answers, []),
    answered: (call) => calls.push(call),
    perform: (actions) => aside.push(...actions),
    after(_ms, run) {
      waiting.push(run);
      return () => void waiting.splice(waiting.indexOf(run), 1);
    },
  });
  return {
    say: (words) => shown(server.handle(commandOf(...words.split(' ')))),
    heard: () => shown(aside.splice(0)),
    server,
    calls,
    pass: () => waiting.splice(0).forEach((run) => run()),
  };
}

function one(...sent: Parameters<typeof recorded>[0]): Talk {
  const [first] = talks(recorded(sent));
  if (first === undefined) throw new Error('no connection');
  return first;
}

describe('a connection', () => {
  it('gets in without a recording, in the version it asks for', () => {
    const redis = one();
    expect(redis.say('PING')).toBe('+PONG|');
    expect(redis.say('AUTH secret')).toBe('+OK|');
    expect(redis.say('HELLO 2')).toMatch(
      /^\*14\|\$6\|server\|\$5\|redis\|\$7\|version\|\$5\|7\.2\.4\|\$5\|proto\|:2\|/,
    );
    expect(redis.say('HELLO 3 AUTH default secret SETNAME me')).toMatch(/^%7\|\$6\|server\|/);
    expect(redis.say('CLIENT GETNAME')).toBe('$2|me|');
    expect(redis.say('CLIENT SETNAME you')).toBe('+OK|');
    expect(redis.say('SELECT 3')).toBe('+OK|');
    expect(redis.say('CLIENT ID')).toBe(':1|');
    expect(redis.say('HELLO 4')).toBe('-NOPROTO unsupported protocol version|');
    expect(redis.say('CLIENT MAINT_NOTIFICATIONS on')).toMatch(/^-ERR unknown subcommand/);
    expect(redis.say('RESET')).toBe('+RESET|');
    expect(redis.say('CLIENT GETNAME')).toBe('$-1|');
    expect(redis.say('QUIT')).toBe('+OK|(closes)');
    expect(redis.calls.map(({ grade }) => grade)).toEqual(Array(13).fill('synthesised'));
  });

  it('is refused what the recorded one was refused', () => {
    const redis = one(said('HELLO 3', "-ERR unknown command 'HELLO'"), said('AUTH wrong', '-WRONGPASS no'));
    expect(redis.say('HELLO 3')).toBe("-ERR unknown command 'HELLO'|");
    expect(redis.say('AUTH wrong')).toBe('-WRONGPASS no|');
    expect(redis.calls.map(({ grade }) => grade)).toEqual(['exact', 'exact']);
  });

  it('says of the server what was recorded, else as little as drivers need', () => {
    const redis = one(said('INFO replication', '$6|role:x'), said('COMMAND DOCS', '*0'));
    expect(redis.say('INFO replication')).toBe('$6|role:x|');
    expect(redis.say('INFO')).toContain('redis_version:7.2.4');
    expect(redis.say('COMMAND DOCS')).toBe('*0|');
    expect(redis.say('COMMAND')).toBe('*0|');
    expect(redis.say('CONFIG GET maxmemory')).toBe('*0|');
    expect(redis.say('ROLE')).toBe('*3|$6|master|:0|*0|');
    expect(redis.say('CLUSTER INFO')).toMatch(/^-ERR This instance has cluster support disabled/);
    expect(redis.say('SENTINEL get-master-addr-by-name x')).toMatch(/^-ERR unknown command/);
    expect(redis.say('SCRIPT LOAD x')).toBe('$40|11f6ad8ec52a2984abaafd7c3b516503785c2072|');
    expect(redis.say('SCRIPT EXISTS a b')).toBe('*2|:0|:0|');
  });

  it('that breaks the protocol is told and closed', () => {
    expect(shown(one().server.handle(undefined))).toMatch(/^-ERR Protocol error.*\(closes\)$/);
    expect(shown(one().server.handle({ kind: 'command', args: [], inline: true }))).toBe('');
  });

  it('asks for no replies and gets none', () => {
    const redis = one(said('SET a b', '+OK'), said('SET c d', '+OK'));
    expect(redis.say('CLIENT REPLY SKIP') + redis.say('SET a b')).toBe('');
    expect(redis.say('PING')).toBe('+PONG|');
    expect(redis.say('CLIENT REPLY OFF') + redis.say('SET c d') + redis.say('PING')).toBe('');
    expect(redis.say('CLIENT REPLY ON')).toBe('+OK|');
  });
});

describe('commands', () => {
  it('are answered as recorded, in the version of the client', () => {
    const redis = one(said('HGETALL h', '*2|$1|a|$1|b'), said('GET none', '$-1'));
    expect(redis.say('HGETALL h')).toBe('*2|$1|a|$1|b|');
    redis.say('HELLO 3');
    expect(redis.say('HGETALL h')).toBe('%1|$1|a|$1|b|');
    expect(redis.say('GET none')).toBe('_|');
  });

  it('without a recorded answer get an error that says so', () => {
    const redis = one();
    expect(redis.say('GET a')).toBe('-ERR loop replay: no recorded answer: GET a: nothing was recorded for redis.|');
    expect(redis.calls).toMatchObject([{ summary: 'GET a', grade: 'missed' }]);
  });

  it('that never were answered hang, and what is behind them', () => {
    const redis = one(said('GET a'));
    expect(redis.say('GET a') + redis.say('PING')).toBe('');
    expect(redis.calls).toMatchObject([{ explanation: ['no answer was recorded: it hangs, as it did'] }]);
  });

  it('that block wait for their own time once nothing more was recorded', () => {
    const redis = one(said('BLPOP q 1', '*-1'));
    expect(redis.say('BLPOP q 1')).toBe('*-1|');
    expect(redis.say('BLPOP q 1')).toBe('');
    expect(redis.server.blocked).toBe(true);
    redis.pass();
    expect(redis.heard()).toBe('*-1|');
    expect(redis.server.blocked).toBe(false);
    redis.say('BLPOP q 1');
    redis.server.closed();
    redis.pass();
    expect(redis.heard()).toBe('');
  });
});

describe('transactions', () => {
  const run = [
    said('MULTI', '+OK'),
    said('HSET h a b', '+QUEUED'),
    said('HGETALL h', '+QUEUED'),
    said('EXEC', '*2|:1|*2|$1|a|$1|b'),
  ];

  it('are one answer, each command in the version of the client', () => {
    const redis = one(...run);
    redis.say('HELLO 3');
    expect(['MULTI', 'HSET h a b', 'HGETALL h', 'EXEC'].map((words) => redis.say(words))).toEqual([
      '+OK|',
      '+QUEUED|',
      '+QUEUED|',
      '*2|:1|%1|$1|a|$1|b|',
    ]);
    expect(redis.calls.slice(1).map(({ summary, grade }) => `${summary}: ${grade}`)).toEqual([
      'MULTI: synthesised',
      'HSET h a b: exact',
      'HGETALL h: exact',
      'EXEC: exact',
    ]);
  });

  it('that were not recorded are missed as a whole', () => {
    const redis = one(...run);
    redis.say('MULTI');
    redis.say('SET other x');
    expect(redis.say('EXEC')).toMatch(/^-ERR loop replay: no recorded answer: SET other x/);
    expect(redis.say('EXEC')).toBe('-ERR EXEC without MULTI|');
  });

  it('can be left, and cannot be nested', () => {
    const redis = one();
    redis.say('MULTI');
    expect(redis.say('MULTI')).toBe('-ERR MULTI calls can not be nested|');
    expect(redis.say('WATCH a')).toBe('-ERR WATCH inside MULTI is not allowed|');
    redis.say('SET a b');
    expect(redis.say('DISCARD')).toBe('+OK|');
    expect(redis.say('DISCARD')).toBe('-ERR DISCARD without MULTI|');
    redis.say('MULTI');
    expect(redis.say('EXEC')).toBe('*0|');
  });

  it('with a command that was refused run nothing', () => {
    const redis = one(said('MULTI', '+OK'), said('NOPE', '-ERR unknown'), said('EXEC', '-EXECABORT no'));
    redis.say('MULTI');
    expect(redis.say('NOPE')).toBe('-ERR unknown|');
    expect(redis.say('EXEC')).toBe('-EXECABORT no|');
    redis.say('MULTI');
    redis.say('NOPE');
    expect(redis.say('EXEC')).toMatch(/^-EXECABORT Transaction discarded/);
  });
});

describe('subscriptions', () => {
  const message = '*3|$7|message|$1|c|$2|hi';

  it('are confirmed name by name', () => {
    const redis = one();
    expect(redis.say('SUBSCRIBE a b')).toBe('*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|b|:2|');
    expect(redis.say('PSUBSCRIBE a*')).toBe('*3|$10|psubscribe|$2|a*|:3|');
    expect(redis.say('PING')).toBe('*2|$4|pong|$0||');
    expect(redis.say('GET a')).toMatch(/^-ERR Can't execute 'get'/);
    expect(redis.say('UNSUBSCRIBE')).toBe('*3|$11|unsubscribe|$1|a|:2|*3|$11|unsubscribe|$1|b|:1|');
    expect(redis.say('PUNSUBSCRIBE a*')).toBe('*3|$12|punsubscribe|$2|a*|:0|');
    expect(redis.say('UNSUBSCRIBE')).toBe('*3|$11|unsubscribe|$-1|:0|');
    expect(redis.say('SSUBSCRIBE s')).toBe('*3|$10|ssubscribe|$1|s|:1|');
  });

  it('hear what was heard once it has been published', () => {
    const subscriber = [said('SUBSCRIBE c', '*3|$9|subscribe|$1|c|:1')];
    const answers = [
      ...recorded([
        ...subscriber,
        [{ side: 'client' as const, bytes: Buffer.alloc(0) }],
        said('PING', message, '*2|$4|pong|$0|'),
      ]),
      ...recorded([said('PUBLISH c hi', ':1')], 2),
    ];
    const [listener, publisher] = talks(answers, 2);
    listener?.say('SUBSCRIBE c');
    expect(listener?.heard()).toBe('');
    expect(publisher?.say('PUBLISH c hi')).toBe(':1|');
    expect(listener?.heard()).toBe(`${message}|`);
  });

  it('hear at once what somebody else published, as a push in version 3', () => {
    const answers = recorded([said('SUBSCRIBE c', '*3|$9|subscribe|$1|c|:1', message)]);
    const [listener] = talks(answers);
    listener?.say('HELLO 3');
    expect(listener?.say('SUBSCRIBE c')).toBe('>3|$9|subscribe|$1|c|:1|>3|$7|message|$1|c|$2|hi|');
    expect(listener?.say('SUBSCRIBE c')).toBe('>3|$9|subscribe|$1|c|:1|');
  });
});

describe('hostile clients', () => {
  /** More with FUZZ in the environment. */
  const MUTATIONS = Number(process.env['FUZZ'] ?? 300);
  let fresh: readonly Talk[] = [];

  it.each(CAPTURES)('what a real %s said, with bytes changed, cut or doubled, is answered or refused', (name) => {
    const connections = captured(name);
    const answers = connections.flatMap((sent) =>
      decodeCommands(conversation(sent)).map((command) => ({ command, source: 'loop' as const })),
    );
    const asked = connections.map((sent) =>
      Buffer.concat(sent.filter(({ side }) => side === 'client').map(({ bytes }) => bytes)),
    );
    const longest = Math.max(...asked.map(({ length }) => length));
    let said = 0;
    let refused = 0;
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const [redis] = seed % 50 === 0 ? (fresh = talks(answers, 50)) : [fresh[seed % 50]];
      const outcome = redis && feed(redis, mutated(asked[seed % asked.length] ?? Buffer.alloc(0), seed));
      said += outcome?.answers ?? 0;
      refused += outcome?.refused === true ? 1 : 0;
      expect(outcome?.answers).toBeLessThan(longest);
    }
    expect(said).toBeGreaterThan(MUTATIONS);
    expect(refused).toBeGreaterThan(MUTATIONS / 20);
  });
});

/** As a socket gives it, until the server closes or has nothing whole left. */
function feed({ server, pass }: Talk, bytes: Buffer): { readonly answers: number; readonly refused: boolean } {
  const framer = new Framer('client');
  framer.push(bytes);
  let answers = 0;
  for (;;) {
    const framed = framer.next();
    if (framed.kind === 'need-more') break;
    const actions = server.handle(framed.kind === 'fault' ? undefined : decodeFrontend(framed));
    answers += actions.length;
    if (server.blocked) pass();
    if (actions.at(-1)?.kind === 'close' || framed.kind === 'fault') {
      server.closed();
      return { answers, refused: framed.kind === 'fault' };
    }
  }
  server.closed();
  return { answers, refused: false };
}

/** The same for the same seed. */
function mutated(bytes: Buffer, seed: number): Buffer {
  let state = Math.imul(seed + 1, 2654435761) >>> 0;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const at = random(bytes.length);
  const kind = random(4);
  if (kind === 0) return bytes.subarray(0, at);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(at + 1))]);
  const copy = Buffer.from(bytes);
  for (let times = 0; times <= kind; times++) copy[random(copy.length)] = random(256);
  return copy;
}
