import { describe, expect, it } from 'vitest';
import { CommandMatcher, type Match } from '../../../../replay-sandbox/match/redis/matcher.ts';
import { digestOf } from '../../../../replay-sandbox/match/redis/recorded.ts';
import type { CommandAnswer } from '../../../../replay-sandbox/match/command.ts';
import { textOf } from '../../../../src/wire/redis/language/replies.ts';
import { client } from '../../../support/redis-wire.ts';
import { asks, recorded, said } from '../../../support/redis-commands.ts';

const ID = '0190b5a0-0000-7000-8000-000000000001';
const OTHER = '0190b5a0-0000-7000-8000-000000000002';

function matcher(answers: readonly CommandAnswer[]): CommandMatcher {
  return new CommandMatcher(answers, [], { peer: 'redis', now: () => 1000 });
}

/** `exact: bolt`, or the kind and what is said of it. */
function shown(match: Match): string {
  if (match.kind !== 'answer') return `${match.kind}: ${match.explanation.join(' ')}`;
  const notes = match.explanation.length === 0 ? '' : ` (${match.explanation.join('; ')})`;
  return `${match.grade}: ${textOf(match.recorded.reply) ?? match.recorded.reply?.kind}${notes}`;
}

describe('one command', () => {
  it('gets its own answer, in recorded order among equals', () => {
    const redis = matcher(recorded([said('INCR n', ':1'), said('INCR n', ':2')]));
    expect([1, 2, 3].map(() => shown(redis.match(asks('INCR n'), {})).split('.')[0])).toEqual([
      'exact: 1',
      'exact: 2',
      'miss: INCR n: no recorded command asks this',
    ]);
  });

  it('a read may be asked again, a write not', () => {
    const redis = matcher(recorded([said('GET a', '$1|x'), said('SET a y', '+OK')]));
    expect(shown(redis.match(asks('get a'), {}))).toBe('exact: x');
    expect(shown(redis.match(asks('GET a'), {}))).toBe('normalised: x (served twice; recorded once)');
    expect(shown(redis.match(asks('SET a y'), {}))).toBe('exact: OK');
    const miss = redis.match(asks('SET a y'), {});
    expect(miss.kind === 'miss' && miss.explanation).toEqual([
      'SET a y: no recorded command asks this. Nearest:',
      '  SET a y (already served once): the same command; it changes data, so its answer is not given again',
      'The service took another way than in production: the first call above that differs names the value.',
      'Try: loopctl show, to see what was recorded.',
    ]);
  });

  it('prefers the recorded connection that was followed so far', () => {
    const answers = [
      ...recorded([said('GET a', '$3|one'), said('LPOP q', '$5|first')], 1),
      ...recorded([said('GET b', '$3|two'), said('LPOP q', '$6|second')], 2),
    ];
    const follower = {};
    const redis = matcher(answers);
    expect(shown(redis.match(asks('GET b'), follower))).toBe('exact: two');
    expect(shown(redis.match(asks('LPOP q'), follower))).toBe('exact: second');
    expect(shown(redis.match(asks('LPOP q'), follower))).toBe('exact: first');
  });

  it('another value is drifted, and said; another key is a miss', () => {
    const redis = matcher(recorded([said('GET cart:7', '$1|x'), said('GET lonely', '$1|y'), said('SET a 1', '+OK')]));
    expect(shown(redis.match(asks('SET a 2'), {}))).toBe('drifted: OK (argument 2: recorded "1", asked "2")');
    expect(shown(redis.match(asks('GET cart:8'), {}))).toMatch(/^miss: GET cart:8: no recorded command asks this/);
    expect(shown(redis.match(asks('GET other'), {}))).toMatch(/^miss: GET other: no recorded command asks this/);
    expect(shown(redis.match(asks('ZADD far 1 x'), {}))).toMatch(/^miss: ZADD far 1 x: no recorded command of redis/);
    expect(shown(matcher([]).match(asks('GET a'), {}))).toBe('miss: GET a: nothing was recorded for redis.');
  });

  it('the database that is selected counts', () => {
    const answers = recorded([said('GET a', '$4|zero'), said('SELECT 1', '+OK'), said('GET a', '$3|one')]);
    const redis = matcher(answers);
    expect(shown(redis.match(asks('GET a', 1), {}))).toBe('exact: one');
    expect(shown(redis.match(asks('GET a', 0), {}))).toBe('exact: zero');
  });

  it('what is only a candidate is never exact, and what is borrowed comes last', () => {
    const possible = recorded([said('GET a', '$1|x')], 1, 'candidate');
    const borrowed = recorded([said('GET a', '$1|y')], 2, 'exemplar');
    const redis = matcher([...borrowed, ...possible]);
    expect(shown(redis.match(asks('GET a'), {}))).toBe('normalised: x');
    expect(redis.unused()).toEqual([]);
    expect(shown(matcher(borrowed).match(asks('GET a'), {}))).toBe(
      'borrowed: y (borrowed from a good transaction of this route)',
    );
  });
});

describe('ids that are made anew', () => {
  it('are noise inside a key and inside JSON', () => {
    const redis = matcher(recorded([said(`SET order:${ID} {"id":"${ID}","n":1}`, '+OK')]));
    expect(shown(redis.match(asks(`SET order:${OTHER} {"id":"${OTHER}","n":1}`), {}))).toBe('normalised: OK');
  });

  it('are spoken of in later answers, which are not exact then', () => {
    const redis = matcher(
      recorded([said(`SET order:${ID} x`, '+OK'), said('GET latest', `$36|${ID}`), said(`GET order:${ID}`, '$1|x')]),
    );
    redis.match(asks(`SET order:${OTHER} x`), {});
    expect(shown(redis.match(asks('GET latest'), {}))).toBe(
      `normalised: ${OTHER} (a recorded id stands replaced by ${OTHER})`,
    );
    expect(shown(redis.match(asks(`GET order:${OTHER}`), {}))).toBe('normalised: x');
  });
});

describe('a transaction', () => {
  const run = [said('MULTI', '+OK'), said('INCR a', '+QUEUED'), said('GET a', '+QUEUED'), said('EXEC', '*2|:5|$1|5')];

  it('is found as a whole', () => {
    const redis = matcher(recorded(run));
    const match = redis.matchTransaction([asks('INCR a'), asks('GET a')], {});
    expect(match.kind === 'answer' && match.recorded.inside.map(({ reply }) => textOf(reply))).toEqual(['5', '5']);
    expect(redis.matchTransaction([asks('INCR a')], {}).kind).toBe('miss');
  });

  it('its commands are not found alone', () => {
    const redis = matcher(recorded(run));
    expect(redis.match(asks('INCR a'), {}).kind).toBe('miss');
    expect(redis.unused().map(({ inside }) => inside.length)).toEqual([2]);
  });

  it('a watched key that changed is an answer like any other', () => {
    const lost = [said('WATCH a', '+OK'), said('MULTI', '+OK'), said('SET a 1', '+QUEUED'), said('EXEC', '*-1')];
    const won = [said('MULTI', '+OK'), said('SET a 1', '+QUEUED'), said('EXEC', '*1|+OK')];
    const redis = matcher(recorded([...lost, ...won]));
    expect([1, 2].map(() => shown(redis.matchTransaction([asks('SET a 1')], {})))).toEqual([
      'exact: null',
      'exact: array',
    ]);
  });

  it('what was refused inside is refused again', () => {
    const redis = matcher(
      recorded([said('MULTI', '+OK'), said('NOPE a', '-ERR unknown'), said('EXEC', '-EXECABORT no')]),
    );
    expect(textOf(redis.refusalInside(asks('NOPE a')))).toBe('ERR unknown');
    expect(redis.refusalInside(asks('NOPE b'))).toBeUndefined();
  });
});

describe('a script', () => {
  const script = 'return 1';
  const digest = digestOf(Buffer.from(script));
  const byText = ['EVAL', script, '0'];
  const asText = [client(Buffer.from(`*3\r\n${byText.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`))];

  it('recorded by its text is found by its digest', () => {
    const redis = matcher(recorded([[...asText, ...said('PING', ':1', '+PONG').slice(1)]]));
    expect(shown(redis.match(asks(`EVALSHA ${digest} 0`), {}))).toBe('exact: 1');
  });

  it('that the server did not know is not known again, and only to its digest', () => {
    const redis = matcher(recorded([said(`EVALSHA ${digest} 0`, '-NOSCRIPT no'), said(`EVALSHA ${digest} 0`, ':1')]));
    expect(shown(redis.match(asks(`EVALSHA ${digest} 0`), {}))).toBe('exact: NOSCRIPT no');
    expect(shown(redis.match(asks(`EVALSHA ${digest} 0`), {}))).toBe('exact: 1');
  });

  it('another one is another command', () => {
    const redis = matcher(recorded([said(`EVALSHA ${digest} 0`, ':1')]));
    expect(redis.match(asks(`EVALSHA ${'f'.repeat(40)} 0`), {}).kind).toBe('miss');
  });
});

describe('a command that blocks', () => {
  it('gets what it got, then waits as long as it says', () => {
    const redis = matcher(recorded([said('BLPOP q 0.5', '*2|$1|q|$1|x'), said('BLPOP q 0.5', '*-1')]));
    expect(shown(redis.match(asks('BLPOP q 0.5'), {}))).toBe('exact: array');
    expect(shown(redis.match(asks('BLPOP q 0.5'), {}))).toBe('exact: null');
    expect(redis.match(asks('BLPOP q 0.5'), {})).toMatchObject({ kind: 'waits', seconds: 0.5 });
  });

  it('that reads waits too, rather than being told again and again that there is nothing', () => {
    const redis = matcher(recorded([said('XREAD BLOCK 50 STREAMS s $', '*-1')]));
    expect(shown(redis.match(asks('XREAD BLOCK 50 STREAMS s $'), {}))).toBe('exact: null');
    expect(redis.match(asks('XREAD BLOCK 50 STREAMS s $'), {})).toMatchObject({ kind: 'waits', seconds: 0.05 });
  });
});

it('what the server says of itself is said as often as it is asked', () => {
  const redis = matcher(recorded([said('CONFIG GET maxmemory', '*2|$9|maxmemory|$1|0')]));
  expect([1, 2].map(() => redis.information(asks('CONFIG GET maxmemory'), {})?.kind)).toEqual(['answer', 'answer']);
  expect(redis.information(asks('CONFIG GET other'), {})).toBeUndefined();
  expect(redis.unused()).toEqual([]);
});

describe('thousands of commands of one shape', () => {
  /** Answers, and how often two commands were compared: then the time is asked for. */
  function run(commands: readonly string[], asked: readonly string[]): readonly [grades: string[], compared: number] {
    let compared = 0;
    const redis = new CommandMatcher(recorded(commands.map((command, at) => said(command, `:${at}`))), [], {
      peer: 'redis',
      now: () => (compared += 1) && 1000,
    });
    return [asked.map((command) => shown(redis.match(asks(command), {}))), compared];
  }
  const some = Array.from({ length: 2_000 }, (_, index) => index);
  const id = (made: string, index: number): string =>
    `0190b5a0-0000-7000-8000-${made}${String(index).padStart(9, '0')}`;

  it('are found without comparing each with all others', () => {
    const commands = some.map((index) => `SET cart:${index} {"n":${index}}`);
    expect(run(commands, commands.toReversed())).toEqual([some.map((index) => `exact: ${index}`).toReversed(), 0]);
  });

  it('also when their ids are made anew, and by those ids from then on', () => {
    const rounds = (made: string) => [
      ...some.map((index) => `SET order:${id(made, index)} new`),
      ...some
        .slice(0, 200)
        .map((index) => `SET order:${id(made, index)} paid`)
        .toReversed(),
    ];
    const [grades, compared] = run(rounds('aaa'), rounds('bbb'));
    expect(grades).toEqual(rounds('aaa').map((_, at) => `normalised: ${at}`));
    expect(compared).toBeLessThan(3 * grades.length);
  });

  it('a new id does not take the answer of one that is known to be another', () => {
    const commands = [0, 1].flatMap((at) => [`SADD all ${id('aaa', at)}`, `GET order:${id('aaa', at)}`]);
    const [grades] = run(commands, [
      `SADD all ${id('bbb', 0)}`,
      `GET order:${id('bbb', 0)}`,
      `GET order:${id('bbb', 0)}`,
      `GET order:${id('bbb', 1)}`,
    ]);
    expect(grades).toEqual([
      'normalised: 0',
      'normalised: 1',
      'normalised: 1 (served twice; recorded once)',
      'normalised: 3',
    ]);
  });
});
