import { describe, expect, it } from 'vitest';
import type { PlayableStream } from '../../../../replay-sandbox/mocks/stream/call.ts';
import { StreamCall } from '../../../../replay-sandbox/mocks/stream/call.ts';
import { manualTimers, one, said, settled, valueOf, word } from '../../../support/stream-talk.ts';

interface Named extends PlayableStream {
  readonly name: string;
}

const recorded = (name: string, words: string, more: Partial<Named> = {}): Named => ({
  name,
  source: 'loop',
  headers: [],
  messages: said(words),
  recordedAt: 0,
  ...more,
});

/** One client after the other, of the same recorded streams. */
function stage(...candidates: readonly Named[]) {
  const { time, timers } = manualTimers();
  const taken = new Set<string>();
  const open = () => {
    const out: string[] = [];
    const log: string[] = [];
    const call = new StreamCall<Named>({
      candidates: candidates.filter(({ name }) => !taken.has(name)),
      headers: [],
      valueOf,
      pace: 0,
      clock: time,
      timers,
      isFree: ({ name }) => !taken.has(name),
      take({ name }) {
        log.push(`take ${name}`);
        taken.add(name);
      },
      chosen: () => (message) => void out.push(word(message)),
      missed: () => void log.push('missed'),
      done: ({ name }, { grade, explanation }) => void log.push([`${grade} ${name}`, ...explanation].join(': ')),
    });
    const say = async (words: string): Promise<void> => {
      for (const what of words.split(' ')) call.came(one(what));
      await settled();
    };
    call.start();
    return { out, log, say, call };
  };
  return { open, pass: (ms: number) => time.advance(ms) };
}

const A = recorded('A', '<^ >join <hello >a <welcome-a >| <=0');
const B = recorded('B', '<^ >join <hello >b <welcome-b >| <=0');

describe('one of two streams with the same beginning', () => {
  it('is taken when it is certain, and what was played is not repeated', async () => {
    const { out, log, say } = stage(A, B).open();
    await say('>join');
    expect([out, log]).toEqual([['<^', '<hello'], []]);
    await say('>b');
    expect([out, log]).toEqual([['<^', '<hello', '<welcome-b'], ['take B']]);
    await say('>|');
    expect(log).toEqual(['take B', 'exact B']);
    expect(out.at(-1)).toBe('<=0');
  });

  it('goes to whom it fits, also when both wait at the same place', async () => {
    const world = stage(A, B);
    const [first, second] = [world.open(), world.open()];
    await first.say('>join');
    await second.say('>join');
    await first.say('>b >|');
    await second.say('>a >|');
    expect([first.log, second.log]).toEqual([
      ['take B', 'exact B'],
      ['take A', 'exact A'],
    ]);
    expect([first.out.at(2), second.out.at(2)]).toEqual(['<welcome-b', '<welcome-a']);
  });

  it('is the one that is left, when somebody else takes the other meanwhile', async () => {
    const world = stage(A, B);
    const [first, second] = [world.open(), world.open()];
    await first.say('>join');
    await second.say('>join >a');
    await first.say('>a >|');
    expect(first.log[0]).toBe('take B');
    expect(first.log[1]).toMatch(/^drifted B: message 2/);
  });

  it('is missed when all are taken', async () => {
    const world = stage(A);
    await world.open().say('>join >a >|');
    const { out, log, say } = world.open();
    await say('>join');
    expect([out, log]).toEqual([[], ['missed']]);
  });

  it('stopped in the middle counts as far as it came, once', async () => {
    const { log, say, call } = stage(A, B).open();
    await say('>join');
    call.stop();
    call.stop();
    await say('>a');
    expect(log).toEqual(['take A', 'exact A']);
  });
});

it('more of the same than is remembered is taken as the first', async () => {
  const many = Array.from({ length: 400 }, () => '>same').join(' ');
  const { log, say } = stage(recorded('A', `${many} <a >|`), recorded('B', `${many} <b >|`)).open();
  await say(many);
  expect(log).toEqual(['take A']);
});

it('of a recording that lacks the rest, that is said', async () => {
  const { log, say } = stage(recorded('A', '>join <hello <=0', { cut: { client: false, server: true } })).open();
  await say('>join >|');
  expect(log[1]).toMatch(/^drifted A: the recording lacks the rest of what the server sent/);
});

it('whatever is sent behind what the recording lacks of the client is answered, and not called exact', async () => {
  const { out, log, say } = stage(recorded('A', '>join <hello <=0', { cut: { client: true, server: false } })).open();
  await say('>join >more >|');
  expect(out).toEqual(['<hello', '<=0']);
  expect(log[1]).toBe('normalised A: the recording lacks the rest of what the client sent');
});
