/** Commands that a server tells of: lines of MONITOR, entries of SLOWLOG. Hidden as if they were asked here. */
import type { Backend } from '../wire/redis/backend.ts';
import { quoteWord, splitLine } from '../wire/redis/language/line.ts';
import { redactArgs, type Hiding } from './redis.ts';

/** `1339518083.107412 [0 127.0.0.1:60866] "keys" "*"`: the time, the database and who it was, the command. */
const MONITORED = /^(\d+\.\d+ \[\d+ [^"]*\] )(".*)$/s;

/** Undefined for what is no line of MONITOR, or is none that can be read. */
export function hideMonitored(line: Uint8Array, { redact, opaque }: Hiding): Uint8Array | undefined {
  const [, head, command] = MONITORED.exec(Buffer.from(line).toString('latin1')) ?? [];
  const args = command === undefined ? undefined : splitLine(Buffer.from(command, 'latin1'));
  if (head === undefined || args === undefined) return undefined;
  return Buffer.from(`${head}${redactArgs(args, redact, opaque).map(quoteWord).join(' ')}`, 'latin1');
}

/** Its strings are the arguments. */
export function hideLogged(args: readonly Backend[], { redact, opaque }: Hiding): readonly Backend[] {
  const bytes = args.map((arg) => (arg.kind === 'bulk' ? arg.data : new Uint8Array()));
  return redactArgs(bytes, redact, opaque).map((data) => ({ kind: 'bulk', data }));
}
