/** What a Redis server says, disguised: replies by what was asked. */
import { hidePush, hideReply } from '../../../seal/redis-reply.ts';
import type { Backend } from '../../../wire/redis/backend.ts';
import type { Frontend } from '../../../wire/redis/frontend.ts';
import type { Step } from '../../../wire/redis/pipeline.ts';
import type { Disguise } from '../disguise.ts';

/** Replies that EXEC brings are each of their own command, where all of those are known. */
export function disguiseReply(
  reply: Backend,
  step: Step,
  asked: (step: Step) => Frontend | undefined,
  disguise: Disguise,
): Backend {
  if (reply.kind !== 'array' || step.ran.length === 0 || step.ran.length !== reply.items.length)
    return hideReply(reply, asked(step), disguise);
  const items = reply.items.map((item, at) => {
    const ran = step.ran[at];
    return hideReply(item, ran && asked(ran), disguise);
  });
  return { ...reply, items };
}

export function disguisePush(reply: Backend, disguise: Disguise): Backend {
  return hidePush(reply, disguise);
}
