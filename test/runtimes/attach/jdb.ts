import type { Holder } from './hold.ts';
import { holdTyping } from './terminal.ts';

/** The JDK's own, over JDWP. The class is not loaded yet: the breakpoint is deferred, as jdb does. */
export const holdByJdb: Holder = (port, { line }, seconds, over) =>
  holdTyping(
    {
      command: ['jdb', '-attach', `127.0.0.1:${port}`],
      first: [`stop at Main:${line}`, 'resume'],
      prompt: /(?:> |\] )$/,
      stopped: /Breakpoint hit/,
      last: [`clear Main:${line}`, 'cont', 'exit'],
    },
    seconds,
    over,
  );
