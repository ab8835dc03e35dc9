/** What somebody does, told before it is done, or before what they look at is shown to them. */
import type { AuditFacts, AuditTrail } from '../domain/audit.ts';
import type { Principal } from '../domain/access.ts';
import { attempt } from './failures.ts';
import type { LoopApi } from './port.ts';

export type Acted = (act: string, about: AuditFacts) => Promise<void>;

/** Rejects with AuditError: then it is not to be done. */
export function actsOf(audit: AuditTrail, { name: actor }: Principal): Acted {
  return (act, about) => audit.record({ actor, act, about });
}

/** Looking at one loop is an act; a list is not. What is not there was not looked at. */
export function lookingIsTold(api: LoopApi, acted: Acted): LoopApi {
  const told = async <Shown>(shown: Promise<Shown>, act: string, about: AuditFacts): Promise<Shown> => {
    const answer = await shown;
    await attempt(() => acted(act, about));
    return answer;
  };
  return {
    ...api,
    show: (id) => told(api.show(id), 'view', { loop: id }),
    har: (id) => told(api.har(id), 'har', { loop: id }),
    compare: (id, other) => told(api.compare(id, other), 'compare', { loop: id, with: other }),
  };
}
