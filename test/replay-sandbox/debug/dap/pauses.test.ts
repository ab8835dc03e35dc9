import { describe, expect, it } from 'vitest';
import { encodeDap } from '../../../../replay-sandbox/debug/dap/framing.ts';
import { DapPauses } from '../../../../replay-sandbox/debug/dap/pauses.ts';
import { StageTime } from '../../../../replay-sandbox/time/stage-time.ts';

const stopped = (threadId = 1) =>
  encodeDap({ type: 'event', event: 'stopped', body: { reason: 'breakpoint', threadId } });
const answered = (command: string, body = {}) =>
  encodeDap({ type: 'response', request_seq: 1, command, success: true, body });

/** Ms that the stage stood still, of ten that passed between each two messages. */
function still(...messages: readonly Uint8Array[]): number {
  let now = 0;
  const time = new StageTime({ now: () => now });
  const watcher = new DapPauses(time, 'stands');
  for (const message of messages) {
    watcher.fromDebuggee(message);
    now += 10;
  }
  const before = time.paused();
  watcher.closed();
  now += 1000;
  expect(time.paused()).toBe(before);
  return before;
}

it('the exit code is the one that the adapter tells', () => {
  const codes: number[] = [];
  const watcher = new DapPauses(new StageTime({ now: () => 0 }), 'stands', (code) => codes.push(code));
  const exited = (body: object) => encodeDap({ type: 'event', event: 'exited', body });
  for (const body of [{}, { exitCode: 'no' }, { exitCode: 3 }]) watcher.fromDebuggee(exited(body));
  expect(codes).toEqual([3]);
});

describe('the stage stands still', () => {
  it('from a stop to the answer that goes on', () => {
    expect(still(stopped(), answered('continue'))).toBe(10);
    expect(still(stopped(), answered('variables'), answered('next'), stopped())).toBe(30);
  });

  it('until all threads go on, where they do so one by one', () => {
    const one = (threadId: number) =>
      encodeDap({ type: 'event', event: 'continued', body: { threadId, allThreadsContinued: false } });
    expect(still(stopped(1), stopped(2), one(1), one(2))).toBe(30);
  });

  it('no longer than the connection, or what it makes no sense of', () => {
    expect(still(stopped())).toBe(10);
    expect(still(Buffer.from('nonsense'), stopped())).toBe(0);
    expect(still(answered('continue'))).toBe(0);
  });
});
