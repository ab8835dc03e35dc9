import type { Answers } from '../api/contract/answers.ts';
import type { Dispatched } from '../api/dispatch.ts';
import { parseLoopId, parseLoopIdPrefix } from '../domain/ids.ts';
import { ApiError } from '../api/error.ts';

/** Asks as whoever the agent works for: what they may not see, it does not see. Rejects with ApiError. */
export type Ask = <Op extends Dispatched>(operation: Op, input: unknown) => Promise<Answers[Op]>;

/** An id, or the beginning of one. */
export async function loopNamed(ask: Ask, text: string): Promise<string> {
  if (parseLoopId(text) !== undefined) return text;
  if (parseLoopIdPrefix(text) === undefined)
    throw new ApiError('invalid', 'That is no id of a loop: they have 12 characters.', 'list_failures shows them.');
  return (await ask('resolveLoop', { id: text })).id;
}
