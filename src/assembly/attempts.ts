/** Tries of a router, each under the exchange it was made for: they are no exchanges of their own in tree, verdict or replay. */
import type { Attempt, Exchange } from '../domain/exchange.ts';
import { methodOf, pathOf } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Hole } from '../domain/transaction.ts';
import { within } from './sidecar-times.ts';

export interface WithAttempts {
  readonly exchanges: readonly Exchange[];
  readonly holes: readonly Hole[];
}

/**
 * Both filters of one Envoy show request id, start (µs) and the caller's address of the request it took in (docs/ENVOY.md), so an attempt is of
 * the exchange that agrees in all of them. What one of the two does not show is no objection; of several, the one that began last has it.
 */
export function withAttempts(exchanges: readonly Exchange[], attempts: readonly Exchange[]): WithAttempts {
  if (attempts.length === 0) return { exchanges, holes: [] };
  const outbound = Map.groupBy(
    exchanges.filter((exchange) => exchange.vantage.direction === 'outbound'),
    placeOf,
  );
  const found = new Map<StreamId, Exchange[]>();
  const holes: Hole[] = [];
  for (const attempt of attempts) {
    const exchange = outbound.get(placeOf(attempt))?.findLast((candidate) => agree(candidate, attempt));
    if (exchange === undefined) holes.push(orphan(attempt));
    else found.set(exchange.id, [...(found.get(exchange.id) ?? []), attempt]);
  }
  return {
    exchanges: exchanges.map((exchange) => {
      const own = found.get(exchange.id);
      return own === undefined ? exchange : { ...exchange, attempts: numbered(own, exchange) };
    }),
    holes,
  };
}

function placeOf({ vantage, requestId }: Exchange): string {
  return `${vantage.service}\0${vantage.instance}\0${requestId ?? ''}`;
}

function agree(exchange: Exchange, attempt: Exchange): boolean {
  return ['request.time', 'source.address'].every((name) => {
    const [one, other] = [exchange.attributes[name], attempt.attributes[name]];
    return one === undefined || other === undefined || one === other;
  });
}

function numbered(attempts: readonly Exchange[], exchange: Exchange): readonly Attempt[] {
  const ordered = attempts
    .map((attempt, index) => ({ attempt, number: numberOf(attempt) ?? index + 1 }))
    .toSorted((one, other) => one.number - other.number);
  return ordered.map(({ attempt, number }, index) => {
    const { id, peer, response } = attempt;
    const startedAt = within(exchange, attempt.startedAt);
    const next = within(exchange, ordered[index + 1]?.attempt.startedAt ?? exchange.endedAt);
    return {
      id,
      number,
      ...(peer.address !== undefined && { address: peer.address }),
      ...(response && { answer: response.headers }),
      startedAt,
      endedAt: Math.max(startedAt, response === undefined ? next : within(exchange, response.startedAt)),
    };
  });
}

function numberOf({ attributes }: Exchange): number | undefined {
  const number = Number(attributes['upstream.request_attempt_count'] ?? Number.NaN);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function orphan(attempt: Exchange): Hole {
  const name = `${methodOf(attempt)} ${pathOf(attempt)} at ${attempt.vantage.service}`;
  return { where: attempt.id, what: `outbound ${name}: an attempt was recorded, and not the call it was made for` };
}
