/**
 * What a principal sees of what is stored. Everything that shows a loop goes through here: what is hidden from somebody and what is not there
 * look the same to them.
 */
import { maySee, PERMISSIONS_OF, seesAll, type Permission, type Principal } from '../../domain/access.ts';
import type { FingerprintSummary } from '../../domain/fingerprint.ts';
import type { LoopSummary } from '../../domain/loop.ts';
import { parseLoopView, type LoopView } from '../../seal/view-schema.ts';
import { maskSummary, serviceOf } from './summary.ts';
import { maskView } from './view.ts';

export interface Seen {
  /** Masked where it crosses tenants; undefined: it is not there, for them. */
  summary(summary: LoopSummary): LoopSummary | undefined;
  /** The view of a loop that they see. Undefined: it is of no version that can be masked, and so not shown. */
  view(summary: LoopSummary, view: LoopView): LoopView;
  viewText(summary: LoopSummary, view: string): string | undefined;
  fingerprint(fingerprint: FingerprintSummary): FingerprintSummary | undefined;
  /** For the store: services by name, `*` for any characters, at which the permission is held; undefined: everywhere. */
  within(permission: Permission): readonly string[] | undefined;
  /** Whether it is held at every service of a loop: for originals, exports, deletion. */
  holdsAt(permission: Permission, summary: Pick<LoopSummary, 'service' | 'services'>): boolean;
}

/** `permission`: what is needed to see a loop; `timeline` where it is asked for by user. Loops of purpose `capture` need that in any case. */
export function asSeenBy(principal: Principal, permission: Permission = 'read'): Seen {
  const sees = (summary: LoopSummary) => {
    const needed = summary.purpose === 'capture' ? 'timeline' : permission;
    return seesAll(principal, needed) ? undefined : (service: string) => maySee(principal, needed, service);
  };
  const view: Seen['view'] = (summary, whole) => {
    const only = sees(summary);
    return only === undefined ? whole : maskView(whole, only);
  };
  return {
    summary: (summary) => {
      const only = sees(summary);
      if (only === undefined || servicesOf(summary).every(only)) return summary;
      return servicesOf(summary).some(only) ? maskSummary(summary, only) : undefined;
    },
    view,
    viewText: (summary, text) => {
      if (sees(summary) === undefined) return text;
      const whole = parseLoopView(text);
      return whole && JSON.stringify(view(summary, whole));
    },
    fingerprint: (counted) => maskFingerprint(counted, principal),
    within: (asked) => servicesWith(principal, asked),
    holdsAt: (asked, summary) =>
      seesAll(principal, asked) || servicesOf(summary).every((service) => maySee(principal, asked, service)),
  };
}

/** The entry's is among them, but for what has no exchange at all. */
function servicesOf({ service, services }: Pick<LoopSummary, 'service' | 'services'>): readonly string[] {
  return [...new Set([service, ...services])];
}

function maskFingerprint(counted: FingerprintSummary, principal: Principal): FingerprintSummary | undefined {
  if (seesAll(principal, 'read')) return counted;
  if (!maySee(principal, 'read', counted.service)) return undefined;
  const versions = counted.versions.filter(({ version }) => maySee(principal, 'read', serviceOf(version)));
  return { ...counted, versions };
}

function servicesWith(principal: Principal, permission: Permission): readonly string[] | undefined {
  if (seesAll(principal, permission)) return undefined;
  const holding = principal.grants.filter(({ role }) => PERMISSIONS_OF[role].includes(permission));
  return [...new Set(holding.flatMap(({ tenants = [] }) => tenants.flatMap(({ services }) => services)))];
}
