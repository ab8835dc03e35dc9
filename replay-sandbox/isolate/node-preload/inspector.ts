/** An inspector opens its port below JavaScript, where the guest cannot turn it: it is let choose one, and says which. */
import type { LaunchOptions } from '../isolation.ts';

const FLAG = /^(--inspect(?:-brk|-wait)?)=(?:127\.0\.0\.1:)?(\d+)$/;
const SAID = /^Debugger listening on ws:\/\/127\.0\.0\.1:(\d+)\//m;

/** Of what was said without that line, for one that comes in two parts. */
const KEPT = 4096;

export interface OpenedInspector {
  readonly command: readonly string[];
  readonly options: LaunchOptions;
}

/** `found` is called once, with the port that was asked for and the one there is. */
export function openInspector(
  command: readonly string[],
  options: LaunchOptions,
  found: (port: number, at: number) => void,
): OpenedInspector {
  const asked = command.map((word) => FLAG.exec(word)?.[2]).find((port) => port !== undefined);
  if (asked === undefined) return { command, options };
  let said = '';
  let known = false;
  const onOutput: LaunchOptions['onOutput'] = (stream, chunk) => {
    options.onOutput(stream, chunk);
    if (known || stream !== 'stderr') return;
    const all = said + chunk.toString('latin1');
    said = all.slice(-KEPT);
    const port = SAID.exec(all)?.[1];
    if (port === undefined) return;
    known = true;
    found(Number(asked), Number(port));
  };
  return { command: command.map((word) => word.replace(FLAG, '$1=127.0.0.1:0')), options: { ...options, onOutput } };
}
