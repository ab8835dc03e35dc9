/** A summary without what other tenants' services said. */
import type { LoopSummary, OriginSummary } from '../../domain/loop.ts';
import { HIDDEN, HIDDEN_HOLE } from './hidden.ts';

type Sees = (service: string) => boolean;

/**
 * Counts, times and the outcome are of the whole transaction: that it was is no secret among those who took part. Fields are written out: what
 * a later version adds is hidden until somebody thinks about it.
 */
export function maskSummary(summary: LoopSummary, sees: Sees): LoopSummary {
  const { id, purpose, transaction, startedAt, durationMs, outcome, exchanges, commands, bytes } = summary;
  const { origin, fingerprint, versions, services, holes } = summary;
  return {
    id,
    purpose,
    transaction,
    startedAt,
    durationMs,
    ...maskEntry(summary, sees),
    outcome,
    ...(origin && { origin: maskOrigin(origin, sees) }),
    ...(fingerprint !== undefined && origin !== undefined && sees(origin.service) && { fingerprint }),
    services: services.filter(sees),
    ...(versions && { versions: versions.filter((version) => sees(serviceOf(version))) }),
    exchanges,
    commands,
    bytes,
    holes: holes.length === 0 ? [] : [HIDDEN_HOLE],
  };
}

function maskEntry(
  { service, method, path, status }: LoopSummary,
  sees: Sees,
): Pick<LoopSummary, 'service' | 'method' | 'path' | 'status'> {
  if (!sees(service)) return { service: HIDDEN, method: HIDDEN, path: HIDDEN };
  return { service, method, path, ...(status !== undefined && { status }) };
}

function maskOrigin(origin: OriginSummary, sees: Sees): OriginSummary {
  if (sees(origin.service)) return origin;
  const { exchange, certainty } = origin;
  return {
    service: HIDDEN,
    exchange,
    kind: HIDDEN,
    summary: HIDDEN,
    ...(certainty !== undefined && { certainty }),
  };
}

/** `pricing@1.2.0`; a service has no `@`, a version may. */
export function serviceOf(version: string): string {
  const at = version.indexOf('@');
  return at < 0 ? version : version.slice(0, at);
}
