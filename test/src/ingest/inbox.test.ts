import { expect, test } from 'vitest';
import { HOLD_MS, Inbox } from '../../../src/ingest/inbox.ts';

const START = 1_700_000_000_000;
const chunk = (text: string): Buffer => Buffer.from(text);

/** An inbox whose clock and timer only `passes` moves, and what was read out of it, when. */
function opened(holdMs = HOLD_MS) {
  let now = START;
  let timer: { readonly due: number; readonly run: () => void } | undefined;
  const inbox = new Inbox({
    now: () => now,
    holdMs,
    schedule: (ms, run) => {
      timer = { due: now + ms, run };
      return () => (timer = undefined);
    },
  });
  const read: (readonly [string, string, number])[] = [];
  const reader = (name: string) => ({
    read: (bytes: Buffer): void => void read.push([name, bytes.toString(), Math.floor(inbox.clock.now() - START)]),
  });
  return {
    inbox,
    reader,
    read,
    passes: (ms: number): void => {
      now += ms;
      if (timer === undefined || timer.due > now) return;
      const { run } = timer;
      timer = undefined;
      run();
    },
    isArmed: () => timer !== undefined,
  };
}

test('what came is read in one go when the first of it has waited long enough, in order and with the times it came at', () => {
  const { inbox, reader, read, passes, isArmed } = opened();
  const [one, other] = [reader('one'), reader('other')];
  inbox.add(one, chunk('a'), false);
  passes(5);
  inbox.add(other, chunk('b'), false);
  passes(5);
  inbox.add(one, chunk('c'), false);
  expect(read).toEqual([]);
  passes(HOLD_MS - 10);
  expect(read).toEqual([
    ['one', 'a', 0],
    ['other', 'b', 5],
    ['one', 'c', 10],
  ]);
  expect(isArmed()).toBe(false);
});

test('what somebody waits for is read at once, after what came before it', () => {
  const { inbox, reader, read, passes, isArmed } = opened();
  inbox.add(reader('one'), chunk('a'), false);
  passes(5);
  inbox.add(reader('other'), chunk('b'), true);
  expect(read).toEqual([
    ['one', 'a', 0],
    ['other', 'b', 5],
  ]);
  expect(isArmed()).toBe(false);
});

test('much is read at once, whoever sent it', () => {
  const { inbox, reader, read } = opened();
  const much = Buffer.alloc(16 * 1024);
  for (let count = 0; count < 3; count++) inbox.add(reader(`${count}`), much, false);
  expect(read).toHaveLength(0);
  inbox.add(reader('last'), much, false);
  expect(read.map(([name]) => name)).toEqual(['0', '1', '2', 'last']);
});

test('so are hundreds of chunks of a byte', () => {
  const { inbox, reader, read } = opened();
  const one = reader('one');
  for (let count = 0; count < 1000; count++) inbox.add(one, chunk('a'), false);
  expect(read.length).toBeGreaterThan(700);
});

test('what comes while something is read waits for the next time, urgent or not', () => {
  const { inbox, reader, read, passes } = opened();
  const late = reader('late');
  inbox.add({ read: () => inbox.add(late, chunk('b'), true) }, chunk('a'), true);
  expect(read).toEqual([]);
  passes(HOLD_MS);
  expect(read.map(([name]) => name)).toEqual(['late']);
});

test('without a time to hold it nothing waits', () => {
  const { inbox, reader, read, isArmed } = opened(0);
  inbox.add(reader('one'), chunk('a'), false);
  expect(read).toHaveLength(1);
  expect(isArmed()).toBe(false);
});

test('its clock never goes back, and no two times are the same', () => {
  const { inbox, passes } = opened();
  const seen: number[] = [inbox.clock.now()];
  const reader = { read: () => void seen.push(inbox.clock.now(), inbox.clock.now(), inbox.clock.now()) };
  inbox.add(reader, chunk('a'), false);
  passes(1);
  inbox.add(reader, chunk('b'), false);
  inbox.add(reader, chunk('c'), false);
  passes(7);
  inbox.flush();
  seen.push(inbox.clock.now(), inbox.clock.now());
  expect(seen).toHaveLength(12);
  expect(seen).toEqual([...new Set(seen)].toSorted((one, other) => one - other));
  expect(Math.floor(seen[9] ?? 0)).toBe(START + 1);
  expect(Math.floor(seen[10] ?? 0)).toBe(START + 8);
});

test('a flush within a read waits for its turn', () => {
  const { inbox, read, reader } = opened();
  const inner = reader('inner');
  inbox.add(
    {
      read: () => {
        inbox.flush();
        inner.read(chunk('first'));
      },
    },
    chunk('a'),
    false,
  );
  inbox.add(reader('second'), chunk('b'), false);
  inbox.flush();
  expect(read.map(([name]) => name)).toEqual(['inner', 'second']);
});
