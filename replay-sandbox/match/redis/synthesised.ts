import { effectOf } from '../../../src/wire/redis/language/commands.ts';
import type { Question } from './recorded.ts';

/** They only steer the connection: the sandbox answers them itself, unless the recorded server refused. */
const SESSION: ReadonlySet<string> = new Set(
  `ASKING AUTH DISCARD ECHO HELLO MULTI PING PSUBSCRIBE PUNSUBSCRIBE QUIT READONLY READWRITE RESET SELECT SSUBSCRIBE SUBSCRIBE
   SUNSUBSCRIBE UNSUBSCRIBE UNWATCH WATCH`.split(/\s+/),
);
const ABOUT_CLIENT: ReadonlySet<string> = new Set(
  'CACHING NO-EVICT NO-TOUCH REPLY SETINFO SETNAME TRACKING'.split(' ').map((word) => `CLIENT ${word}`),
);

/** They ask the server about itself: as recorded, as often as they are asked, else made up. */
const INFORMATION =
  /^(?:CLIENT|CLUSTER|COMMAND|CONFIG GET|INFO|MODULE LIST|ROLE|SCRIPT (?:EXISTS|LOAD|FLUSH)|SENTINEL)\b/;

export type Handling = 'session' | 'information' | 'data';

export function handlingOf(name: string): Handling {
  if (SESSION.has(name) || ABOUT_CLIENT.has(name)) return 'session';
  return INFORMATION.test(name) ? 'information' : 'data';
}

/** True for commands that change nothing: their recorded answer may be given again. */
export function isRead({ args, name }: Question): boolean {
  return effectOf({ args }) === 'read' || name === 'EVAL_RO' || name === 'FCALL_RO';
}
