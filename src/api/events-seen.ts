/** What of an event a principal may know. */
import { maySee, seesAll, type Principal } from '../domain/access.ts';
import type { LoopEvent } from './contract/results.ts';
import { asSeenBy } from './tenants/as-seen-by.ts';

export interface SeenOptions {
  /** Where a failure began, by fingerprint, where that is known. */
  readonly serviceOf?: (fingerprint: string) => string | undefined;
}

/** Undefined: nothing that is theirs. */
export function eventSeenBy(
  principal: Principal,
  event: LoopEvent,
  { serviceOf = () => undefined }: SeenOptions,
): LoopEvent | undefined {
  switch (event.kind) {
    case 'loop-kept':
    case 'loop-changed': {
      const loop = asSeenBy(principal).summary(event.loop);
      return loop && { ...event, loop };
    }
    case 'loop-deleted':
      // Whose it was is not known any more: who may not know every id reads the lists again.
      return seesAll(principal, 'read') ? event : { kind: 'missed' };
    case 'failures-counted': {
      if (seesAll(principal, 'read')) return event;
      const fingerprints = event.fingerprints.filter((one) => maySee(principal, 'read', serviceOf(one) ?? ''));
      return fingerprints.length === 0 ? undefined : { ...event, fingerprints };
    }
    case 'capture-changed':
      // As captures themselves: they do not know tenants.
      return seesAll(principal, 'timeline') ? event : undefined;
    case 'missed':
      return event;
  }
}
