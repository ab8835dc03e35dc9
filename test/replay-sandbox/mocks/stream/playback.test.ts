import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlaybackOptions, Played } from '../../../../replay-sandbox/mocks/stream/playback.ts';
import { Playback } from '../../../../replay-sandbox/mocks/stream/playback.ts';
import type { StreamMessage } from '../../../../src/wire/stream.ts';
import { manualTimers, one, said, settled, valueOf, word } from '../../../support/stream-talk.ts';

interface Stage {
  readonly out: string[];
  readonly ends: Played[];
  /** The other side says this; what it causes has happened afterwards. */
  readonly say: (words: string) => Promise<void>;
  readonly pass: (ms: number) => Promise<void>;
  readonly playback: Playback;
}

async function stage(recorded: string, more: Partial<PlaybackOptions> = {}): Promise<Stage> {
  const { time, timers } = manualTimers();
  const out: string[] = [];
  const ends: Played[] = [];
  const playback = new Playback({
    messages: said(recorded),
    source: 'loop',
    recordedAt: 0,
    pace: 0,
    valueOf,
    clock: time,
    timers,
    play: (message) => void out.push(word(message)),
    done: (played) => ends.push(played),
    ...more,
  });
  playback.start();
  await settled();
  return {
    out,
    ends,
    playback,
    async say(words) {
      for (const what of words.split(' ')) playback.came(one(what));
      await settled();
    },
    async pass(ms) {
      time.advance(ms);
      await settled();
    },
  };
}

describe('what is played', () => {
  it('goes out behind what the client had said before it', async () => {
    const { out, ends, say } = await stage('<^ >one <1 >two <2 >| <=0');
    expect(out).toEqual(['<^']);
    await say('>one');
    expect(out).toEqual(['<^', '<1']);
    await say('>two >|');
    expect(out).toEqual(['<^', '<1', '<2', '<=0']);
    expect(ends).toEqual([{ grade: 'exact', explanation: [], came: 2, played: 2 }]);
  });

  it('takes its recorded time where that is asked for', async () => {
    const { out, say, pass } = await stage('>one@10 <1@510 <2@1510', { pace: 0.5 });
    await say('>one');
    expect(out).toEqual([]);
    await pass(249);
    expect(out).toEqual([]);
    await pass(1);
    expect(out).toEqual(['<1']);
    await pass(500);
    expect(out).toEqual(['<1', '<2']);
  });

  it('is written one by one: nothing is handed on before the last was taken', async () => {
    const taken: (() => void)[] = [];
    const out: string[] = [];
    const play = (message: StreamMessage): Promise<void> => {
      out.push(word(message));
      return new Promise((resolve) => taken.push(resolve));
    };
    const { say } = await stage('<1 <2 <3 >| <=0', { play });
    for (const so of [['<1'], ['<1', '<2'], ['<1', '<2', '<3']]) {
      expect(out).toEqual(so);
      await say('>?');
      expect(out).toEqual(so);
      taken.at(-1)?.();
      await settled();
    }
  });

  it('ends when its connection does', async () => {
    const { ends } = await stage('<1 <2', { play: () => Promise.reject(new Error('gone')) });
    expect(ends).toMatchObject([{ grade: 'exact', played: 1 }]);
  });

  it('is the client where a service is asked again', async () => {
    const { out, say } = await stage('>one <1 >two <2 >|', { plays: 'client' });
    expect(out).toEqual(['>one']);
    await say('<1');
    expect(out).toEqual(['>one', '>two']);
    await say('<2');
    expect(out).toEqual(['>one', '>two', '>|']);
  });

  it('goes on without a message that does not come, where a patience is given', async () => {
    const { out, pass } = await stage('>one <1 >two', { plays: 'client', stallMs: 3000 });
    await pass(2999);
    expect(out).toEqual(['>one']);
    await pass(1);
    expect(out).toEqual(['>one', '>two']);
  });

  it('is over once, however often it is stopped', async () => {
    const { ends, say, playback, out } = await stage('>one <1 >two <2');
    await say('>one');
    playback.stop();
    playback.stop();
    await say('>two');
    expect([out, ends.length, ends[0]?.grade]).toEqual([['<1'], 1, 'exact']);
  });

  it('a reset is behind what was said, with time to read that', async () => {
    const { out, pass, ends } = await stage('<1@1 <!@2');
    expect(out).toEqual(['<1']);
    await pass(100);
    expect(out).toEqual(['<1', '<!']);
    expect(ends).toHaveLength(1);
  });
});

describe('what came', () => {
  it.each([
    ['another message', '>one <1 >| <=0', '>uno >|', 'drifted', /^message 1: .*recorded/],
    [
      'one more',
      '>one <1 >| <=0',
      '>one >two >|',
      'drifted',
      /^message 2: nothing more was recorded; sent message two$/,
    ],
    [
      'less',
      '>one <1 >two <2 >| <=0',
      '>one >|',
      'drifted',
      /^the client ended \(half-close\) after 1 message: 1 more/,
    ],
    ['an end that was not recorded', '>one <1', '>one >!', 'drifted', /it stayed open in the recording$/],
    ['an end instead of a reset', '>one <1 >!', '>one >| >!', 'exact', /^$/],
    ['pings', '>one <1 >| <=0', '>? >one >? >|', 'exact', /^$/],
  ] as const)('%s', async (_what, recorded, words, grade, explained) => {
    const { ends, say, playback } = await stage(recorded);
    for (const what of words.split(' ')) await say(what);
    playback.stop();
    expect(ends.map((end) => end.grade)).toEqual([grade]);
    expect(ends[0]?.explanation[0] ?? '').toMatch(explained);
  });

  it('is not compared behind what the recording lacks', async () => {
    const { ends, say, playback } = await stage('>one <1', { expectsMore: true });
    await say('>one >two >|');
    playback.stop();
    expect(ends).toMatchObject([{ grade: 'exact', explanation: [], came: 2 }]);
  });

  it('of an exemplar or another transaction is said to be that', async () => {
    for (const [source, grade] of [
      ['exemplar', 'borrowed'],
      ['candidate', 'normalised'],
    ] as const) {
      const { ends, say } = await stage('>one <1 >| <=0', { source });
      await say('>one >|');
      expect(ends[0]?.grade).toBe(grade);
    }
  });
});

it('whatever comes when: in order, nothing twice, and over once', async () => {
  const recorded = fc.array(fc.constantFrom('>a', '>b', '<1', '<2', '>?'), { minLength: 1, maxLength: 20 });
  const words = fc.array(fc.constantFrom('>a', '>b', '>c', '>?', '>|'), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(recorded, words, async (frames, says) => {
      const { out, ends, say, pass, playback } = await stage(`${frames.join(' ')} <=0`);
      for (const what of says) await say(what);
      await say('>!');
      await pass(1e6);
      playback.stop();
      const own = [...frames.filter((frame) => frame.startsWith('<')), '<=0'];
      expect(out).toEqual(own.slice(0, out.length));
      expect(ends).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
});
