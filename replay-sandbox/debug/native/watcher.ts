/** Knows from what passes between gdb (or lldb) and gdbserver whether the service stands still. */
import type { StageTime } from '../../time/stage-time.ts';
import type { PauseWatcher } from '../debugger.ts';
import { RemotePackets } from './remote.ts';

/** Continue, step, detach, kill: whatever lets the process go. */
const RESUMES = /^\$(?:[cCsS]|vCont;|vKill|[Dk]|R)/;
const DETACHES = /^\$D/;
const ASKS_WHY_IT_STANDS = /^\$\?/;
const STANDS = /^\$[TS][0-9a-f]{2}/;
const IS_GONE = /^\$[WX][0-9a-f]{2}/;
const EXITED = /^\$W([0-9a-f]{2})/;
/** In non-stop mode, stops come by themselves. */
const STANDS_NOW = /^%Stop:[TS]/;

let watchers = 0;

export function watchRemote(time: StageTime, ended?: (exitCode: number) => void): PauseWatcher {
  const holder = `gdb ${(watchers += 1)}`;
  // Other answers begin with the same letters: only one is asked for at a time.
  let expected = false;
  let farewell: PromiseWithResolvers<void> | undefined;
  const asked = new RemotePackets((head) => {
    if (DETACHES.test(head)) farewell = Promise.withResolvers();
    if (ASKS_WHY_IT_STANDS.test(head)) expected = true;
    if (!RESUMES.test(head)) return;
    expected = true;
    time.resume(holder);
  });
  const answered = new RemotePackets((head) => {
    if (STANDS_NOW.test(head)) time.pause(holder);
    else farewell?.resolve();
    if (!expected || (!STANDS.test(head) && !IS_GONE.test(head))) return;
    expected = false;
    if (STANDS.test(head)) time.pause(holder);
    const [, code] = EXITED.exec(head) ?? [];
    if (code !== undefined) ended?.(Number.parseInt(code, 16));
  });
  return {
    fromDebugger: (bytes) => asked.push(bytes),
    fromDebuggee: (bytes) => answered.push(bytes),
    closed() {
      time.resume(holder);
      farewell?.resolve();
    },
    farewell: () => farewell?.promise,
  };
}
