/** What a Redis client sends, disguised: keys, and values by the keys and fields they stand under. */
import { redactArgs } from '../../../seal/redis.ts';
import type { Frontend } from '../../../wire/redis/frontend.ts';
import type { Disguise } from '../disguise.ts';

export function disguiseFrontend(command: Frontend, { redact, opaque }: Disguise): Frontend {
  return { ...command, args: redactArgs(command.args, redact, opaque) };
}
