import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { watchRemote } from '../../../../replay-sandbox/debug/native/watcher.ts';
import { StageTime } from '../../../../replay-sandbox/time/stage-time.ts';
import { ManualTime } from '../../../support/manual-time.ts';

function watched(inParts = false) {
  const clock = new ManualTime();
  const time = new StageTime(clock);
  const watcher = watchRemote(time);
  const parts = (text: string): readonly Buffer[] =>
    inParts ? Array.from(Buffer.from(text), (byte) => Buffer.of(byte)) : [Buffer.from(text)];
  return {
    watcher,
    gdb: (text: string) => parts(text).forEach((part) => watcher.fromDebugger(part)),
    server: (text: string) => parts(text).forEach((part) => watcher.fromDebuggee(part)),
    stands: (): boolean => {
      const before = time.now();
      clock.advance(10);
      return time.now() === before;
    },
  };
}

describe.each([false, true])('the service (byte by byte: %s)', (inParts) => {
  it('stands when gdb comes, runs, stands at a breakpoint, and is let go', () => {
    const { gdb, server, stands } = watched(inParts);
    gdb('+$qSupported:multiprocess+#c6');
    server('+$PacketSize=47ff#aa');
    expect(stands()).toBe(false);
    gdb('$?#3f');
    server('+$T0506:0*,;07:d0e0f*"7f0* ;thread:p5.5;core:1;#f2');
    expect(stands()).toBe(true);
    gdb('+$vCont?#49');
    server('+$vCont;c;C;t;s;S;r#8e');
    expect(stands()).toBe(true);
    gdb('+$vCont;c:p5.-1#0f');
    expect(stands()).toBe(false);
    server('$O48656c6c6f#00');
    server('$T05swbreak:;thread:p5.5;#00');
    expect(stands()).toBe(true);
    gdb('+$D;5#b0');
    expect(stands()).toBe(false);
  });

  it('an answer that looks like a stop is none where none is expected', () => {
    const { gdb, server, stands } = watched(inParts);
    gdb('$qTStatus#49');
    server('$T0;tnotrun:0;tframes:0#00');
    expect(stands()).toBe(false);
  });

  it('ends: it stands no more', () => {
    const { gdb, server, stands, watcher } = watched(inParts);
    gdb('$?#3f');
    server('$S05#b8');
    gdb('$c#63');
    server('$W00;process:5#00');
    expect(stands()).toBe(false);
    server('%Stop:T05thread:p5.5;#00');
    expect(stands()).toBe(true);
    watcher.closed();
    expect(stands()).toBe(false);
  });
});

it('its exit code is what the server tells when it has run to its end', () => {
  const codes: number[] = [];
  const watcher = watchRemote(new StageTime(new ManualTime()), (code) => codes.push(code));
  watcher.fromDebuggee(Buffer.from('$W07;process:5#00'));
  watcher.fromDebugger(Buffer.from('$vCont;c:p5.-1#0f'));
  watcher.fromDebuggee(Buffer.from('$W03;process:5#00'));
  watcher.fromDebugger(Buffer.from('$c#63'));
  watcher.fromDebuggee(Buffer.from('$X0b;process:5#00'));
  expect(codes).toEqual([3]);
});

describe('a gdb that detaches', () => {
  function leaves(watcher: ReturnType<typeof watchRemote>): Promise<boolean> {
    const answered = watcher.farewell?.() ?? Promise.reject(new Error('Nobody takes leave.'));
    return Promise.race([answered.then(() => true), setImmediate(false)]);
  }

  it('waits for its answer, and no other gdb does', async () => {
    const { gdb, server, watcher } = watched();
    gdb('$vCont;c:p5.-1#0f');
    expect(watcher.farewell?.()).toBe(undefined);
    gdb('$D;5#b4');
    server('%Stop:T05thread:p5.5;#00');
    expect(await leaves(watcher)).toBe(false);
    server('$OK#9a');
    expect(await leaves(watcher)).toBe(true);
  });

  it('waits no more when its connection is gone', async () => {
    const { gdb, watcher } = watched();
    gdb('$D#44');
    watcher.closed();
    expect(await leaves(watcher)).toBe(true);
  });
});

it('bytes of any kind throw nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
      const { watcher } = watched();
      for (const part of parts) {
        watcher.fromDebugger(part);
        watcher.fromDebuggee(part);
      }
      expect(() => watcher.closed()).not.toThrow();
    }),
  );
});
