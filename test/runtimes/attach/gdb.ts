import { basename } from 'node:path';
import type { Holder } from './hold.ts';
import { holdTyping } from './terminal.ts';

/** Over gdb's remote protocol. */
export const holdByGdb: Holder = (port, { source, line, prepared }, seconds, over) =>
  holdTyping(
    {
      command: ['gdb', '-q', '-nx', prepared.command[0] ?? ''],
      first: [
        'set pagination off',
        'set confirm off',
        `target remote 127.0.0.1:${port}`,
        `break ${basename(source)}:${line}`,
        'continue',
      ],
      prompt: /\(gdb\) $/,
      stopped: /hit Breakpoint|Breakpoint \d+, .*\(/,
      last: ['delete', 'detach', 'quit'],
    },
    seconds,
    over,
  );
