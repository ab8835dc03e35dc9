import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HANDSHAKE, writeCommand } from '../../../../replay-sandbox/debug/java/packets.ts';
import { watchJdwp } from '../../../../replay-sandbox/debug/java/watcher.ts';
import { StageTime } from '../../../../replay-sandbox/time/stage-time.ts';
import { ManualTime } from '../../../support/manual-time.ts';

const THREAD = Buffer.from('0000000000000001', 'hex');
const OTHER = Buffer.from('0000000000000002', 'hex');

/** A breakpoint; `suspends`: 1 its thread, 2 all. */
const event = (suspends: number, thread = THREAD): Buffer =>
  writeCommand(1, [64, 100], Buffer.concat([Buffer.of(suspends, 0, 0, 0, 1, 2, 0, 0, 0, 9), thread, Buffer.alloc(25)]));

function watched() {
  const clock = new ManualTime();
  const time = new StageTime(clock);
  const watcher = watchJdwp(time);
  watcher.fromDebugger(HANDSHAKE);
  watcher.fromDebuggee(HANDSHAKE);
  const stands = (): boolean => {
    const before = time.now();
    clock.advance(10);
    return time.now() === before;
  };
  return {
    watcher,
    stands,
    stop: (bytes: Buffer) => watcher.fromDebuggee(bytes),
    ask: (set: number, command: number, data = Buffer.alloc(0)) =>
      watcher.fromDebugger(writeCommand(1, [set, command], data)),
  };
}

describe('the service stands', () => {
  it('from an event that stops all until all are resumed, as often as they were stopped', () => {
    const { stands, stop, ask } = watched();
    expect(stands()).toBe(false);
    stop(event(2));
    ask(1, 8);
    ask(1, 9);
    expect(stands()).toBe(true);
    ask(1, 9);
    expect(stands()).toBe(false);
  });

  it('while one thread does', () => {
    const { stands, stop, ask } = watched();
    stop(event(1));
    stop(event(1, OTHER));
    ask(11, 3, THREAD);
    expect(stands()).toBe(true);
    ask(11, 3, OTHER);
    expect(stands()).toBe(false);
  });

  it('no more when the thread that stopped all is resumed, the debugger leaves, or its connection is gone', () => {
    const { watcher, stands, stop, ask } = watched();
    stop(event(2));
    ask(11, 3, THREAD);
    expect(stands()).toBe(false);
    stop(event(2));
    ask(1, 6);
    expect(stands()).toBe(false);
    stop(event(2));
    expect(stands()).toBe(true);
    watcher.closed();
    expect(stands()).toBe(false);
  });

  it('also when it is told byte by byte, and by an event that only reports', () => {
    const { stands, stop } = watched();
    stop(event(0));
    expect(stands()).toBe(false);
    for (const byte of event(2)) stop(Buffer.of(byte));
    expect(stands()).toBe(true);
  });
});

it('bytes of any kind throw nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
      const { watcher } = watched();
      for (const part of parts) {
        watcher.fromDebugger(part);
        watcher.fromDebuggee(part);
        watcher.fromDebuggee(writeCommand(1, [64, 100], part));
      }
      expect(() => watcher.closed()).not.toThrow();
    }),
  );
});
