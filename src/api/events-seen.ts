/** What of an event a principal may know. */
import { may, maySee, seesAll, type Principal } from '../domain/access.ts';
import type { LoopSummary } from '../domain/loop.ts';
import type { LoopEvent } from './contract/results.ts';

export interface SeenOptions {
  /** A summary as somebody sees it; undefined where there is nothing for them. By default only what is theirs in all its services. */
  readonly loopSeenBy?: (principal: Principal, loop: LoopSummary) => LoopSummary | undefined;
  /** Where a failure began, by fingerprint, where that is known. */
  readonly serviceOf?: (fingerprint: string) => string | undefined;
}

/** Undefined: nothing that is theirs. */
export function eventSeenBy(principal: Principal, event: LoopEvent, options: SeenOptions): LoopEvent | undefined {
  const { loopSeenBy = wholly, serviceOf = () => undefined } = options;
  switch (event.kind) {
    case 'loop-kept':
    case 'loop-changed': {
      const loop = loopSeenBy(principal, event.loop);
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
      return may(principal, 'timeline') ? event : undefined;
    case 'missed':
      return event;
  }
}

function wholly(principal: Principal, loop: LoopSummary): LoopSummary | undefined {
  const permission = loop.purpose === 'capture' ? 'timeline' : 'read';
  const services = new Set([loop.service, ...loop.services]);
  const isTheirs = [...services].every((service) => maySee(principal, permission, service));
  return isTheirs || seesAll(principal, permission) ? loop : undefined;
}
