import { describe, expect, it } from 'vitest';
import type { CommandAnswer } from '../../../../replay-sandbox/match/command.ts';
import { Playback, type Subscriber } from '../../../../replay-sandbox/mocks/redis/playback.ts';
import { textOf } from '../../../../src/wire/redis/language/replies.ts';
import { recorded, said } from '../../../support/redis-commands.ts';

/** It listens to everything, and writes down the last word of each message. */
function listener(): Subscriber & { readonly heard: (string | undefined)[] } {
  const heard: (string | undefined)[] = [];
  return {
    heard,
    conversation: undefined,
    listens: () => true,
    push: (message) => heard.push(message.kind === 'push' ? textOf(message.items?.at(-1)) : undefined),
  };
}

/** The first of these commands, asked at these times, and a subscriber who was told these words at those. */
function heardAmong(times: readonly number[], told: readonly (readonly [at: number, word: string])[]): CommandAnswer[] {
  const [model] = recorded([said('INCR n', ':1')]);
  const [subscribed] = recorded([said('SUBSCRIBE c', '*3|$9|subscribe|$1|c|:1')], 2);
  if (model === undefined || subscribed === undefined) throw new Error('nothing recorded');
  const pushed = told.map(([at, word]) => ({
    at,
    bytes: Buffer.from(`*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$${word.length}\r\n${word}\r\n`),
  }));
  return [
    { ...subscribed, command: { ...subscribed.command, startedAt: 0, pushed } },
    ...times.map((startedAt) => ({ ...model, command: { ...model.command, id: `n/${startedAt}`, startedAt } })),
  ];
}

describe('what somebody else published', () => {
  it('comes once the service is as far as it was then, in order', () => {
    const playback = new Playback(
      heardAmong(
        [10, 20],
        [
          [25, 'third'],
          [5, 'first'],
          [15, 'second'],
        ],
      ),
    );
    const subscriber = listener();
    playback.join(subscriber);
    const heardAfter = (command?: string): number => {
      if (command !== undefined) playback.served(command);
      playback.release();
      return subscriber.heard.length;
    };
    expect([heardAfter(), heardAfter('n/10'), heardAfter('n/20')]).toEqual([1, 2, 3]);
    expect(subscriber.heard).toEqual(['first', 'second', 'third']);
  });

  it('comes so among hundreds of thousands of commands', () => {
    const times = Array.from({ length: 200_000 }, (_, index) => index + 1);
    const playback = new Playback(heardAmong(times, [[150_000, 'late']]));
    const subscriber = listener();
    playback.join(subscriber);
    playback.served('n/149999');
    playback.release();
    expect(subscriber.heard).toEqual([]);
    playback.served('n/150000');
    playback.release();
    expect(subscriber.heard).toEqual(['late']);
  });
});

describe('what the service itself published', () => {
  /** PUBLISH c <word>, asked at these times; a subscriber who was told these words at those. */
  function publishedAmong(
    asked: readonly (readonly [at: number, word: string])[],
    told: readonly (readonly [at: number, word: string])[],
  ): Playback {
    const publications = asked.map(([at, word]) => {
      const [model] = recorded([said(`PUBLISH c ${word}`, ':1')]);
      if (model === undefined) throw new Error('nothing recorded');
      return { ...model, command: { ...model.command, id: `p/${at}`, startedAt: at } };
    });
    return new Playback([...heardAmong([1], told), ...publications]);
  }

  function heardAfter(playback: Playback, ...commands: readonly string[]): readonly (readonly string[])[] {
    const subscriber = listener();
    playback.join(subscriber);
    return ['n/1', ...commands].map((command) => {
      playback.served(command);
      playback.release();
      return subscriber.heard.map(String);
    });
  }

  it('comes when it has published that, also where the recording saw it before', () => {
    const playback = publishedAmong(
      [
        [20, 'one'],
        [30, 'two'],
      ],
      [
        [19, 'one'],
        [29, 'two'],
      ],
    );
    expect(heardAfter(playback, 'p/20', 'p/30')).toEqual([[], ['one'], ['one', 'two']]);
  });

  it('comes each time that it published the same', () => {
    const playback = publishedAmong(
      [
        [20, 'tick'],
        [30, 'tick'],
      ],
      [
        [21, 'tick'],
        [29, 'tick'],
      ],
    );
    expect(heardAfter(playback, 'p/20', 'p/30')).toEqual([[], ['tick'], ['tick', 'tick']]);
  });
});
