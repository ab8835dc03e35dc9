/** Links between exchanges: which call made which. */
import { OUT_OF_ORDER_MS } from '../domain/out-of-order.ts';
import type { Exchange } from '../domain/exchange.ts';
import { attemptsOf, methodOf, pathOf } from '../domain/exchange.ts';
import type { StreamId } from '../domain/ids.ts';
import type { Link, LinkConfidence } from '../domain/transaction.ts';
import type { Note } from './flow/note.ts';
import { contextsOf } from './groups.ts';

/**
 * How far arrival times of two streams may contradict the order of events, ms. Envoys reach a sink over a connection each, and both wait for
 * their turn: at 50 requests a second on two busy cores a call was seen 50 ms after it had been answered. Two sinks do not share a clock.
 */
const SLACK = 2_000;

/** Tells whether two exchanges can be of one context. */
type Related = (one: Exchange, other: Exchange) => boolean;

/**
 * Links for exchanges sorted by start. Every exchange gets at most one parent, and following parents ends at a root. `notes` place what has
 * no context; whatever else says who made a call goes before them.
 */
export function linkExchanges(exchanges: readonly Exchange[], notes: readonly Note[] = []): readonly Link[] {
  const related = contextsOf(exchanges);
  const links = withoutCycles([...hopLinks(exchanges, related), ...callLinks(exchanges, related)]);
  return notes.length === 0 ? links : withoutCycles([...links, ...notedLinks(exchanges, links, notes)]);
}

function notedLinks(exchanges: readonly Exchange[], links: readonly Link[], notes: readonly Note[]): readonly Link[] {
  const known = new Set(exchanges.map(({ id }) => id));
  const placed = new Set(links.map(({ child }) => child));
  return notes
    .filter(
      ({ stream, parent, at }) => at === undefined && known.has(stream) && known.has(parent) && !placed.has(stream),
    )
    .map(({ stream, parent, certainty, evidence }) => ({
      parent,
      child: stream,
      confidence: 'flow' as const,
      flow: { certainty, evidence },
    }));
}

/** Certainties before guesses, and among placements by flow the surest first. */
function doubt({ confidence, flow }: Link): number {
  return confidence === 'context' ? 0 : confidence === 'inferred' ? 1 : 3 - (flow?.certainty ?? 0);
}

/** Guesses by time can contradict each other; a link that would close a circle is dropped, guesses before certainties. */
function withoutCycles(links: readonly Link[]): readonly Link[] {
  const parents = new Map<StreamId, StreamId>();
  const certainFirst = links.toSorted((one, other) => doubt(one) - doubt(other));
  return certainFirst.filter(({ parent, child }) => {
    for (let above: StreamId | undefined = parent; above !== undefined; above = parents.get(above)) {
      if (above === child) return false;
    }
    parents.set(child, parent);
    return true;
  });
}

/** An outbound exchange and the inbound one at its other end. Envoy's retries give one outbound exchange several inbound ones. */
function hopLinks(exchanges: readonly Exchange[], related: Related): readonly Link[] {
  const outbound = exchanges.filter((exchange) => exchange.vantage.direction === 'outbound');
  const claims = new Map<StreamId, number>();
  const links: Link[] = [];
  for (const child of exchanges) {
    if (child.vantage.direction !== 'inbound') continue;
    const best = bestHop(
      outbound.filter((parent) => related(parent, child)),
      child,
      claims,
    );
    if (best === undefined) continue;
    claims.set(best.parent.id, (claims.get(best.parent.id) ?? 0) + 1);
    links.push({ parent: best.parent.id, child: child.id, confidence: best.confidence });
  }
  return links;
}

interface HopCandidate {
  readonly parent: Exchange;
  readonly score: number;
  readonly confidence: LinkConfidence;
}

function bestHop(
  outbound: readonly Exchange[],
  child: Exchange,
  claims: ReadonlyMap<StreamId, number>,
): HopCandidate | undefined {
  const candidates = outbound.flatMap((parent) => {
    if (!couldCarry(parent, child)) return [];
    const sameSpan = parent.trace !== undefined && child.trace?.spanId === parent.trace.spanId;
    const sameRequest = parent.requestId !== undefined && parent.requestId === child.requestId;
    const score =
      (namesService(parent, child) ? 8 : 0) +
      (sameSpan ? 4 : 0) +
      (sameRequest ? 2 : 0) +
      (parent.startedAt <= child.startedAt ? 1 : 0) +
      ((claims.get(parent.id) ?? 0) >= attemptsOf(parent) ? -4 : 0);
    return [{ parent, score, confidence: sameSpan || sameRequest ? ('context' as const) : ('inferred' as const) }];
  });
  return candidates.reduce<HopCandidate | undefined>(
    (best, next) => (best === undefined || next.score > best.score ? next : best),
    undefined,
  );
}

function couldCarry(parent: Exchange, child: Exchange): boolean {
  const sameInstance =
    parent.vantage.service === child.vantage.service && parent.vantage.instance === child.vantage.instance;
  if (sameInstance && !namesService(parent, child)) return false; // A gateway that passes a request through has not called itself.
  if (parent.trace !== undefined && child.trace !== undefined && parent.trace.traceId !== child.trace.traceId)
    return false;
  if (child.request !== undefined && parent.request !== undefined) {
    if (methodOf(parent) !== methodOf(child) || pathOf(parent) !== pathOf(child)) return false;
  }
  const slack = sameInstance ? 0 : SLACK; // Of a service that calls itself only the order tells who called.
  return parent.startedAt <= child.startedAt + slack && child.startedAt <= parent.endedAt + slack;
}

/** Envoy reached just the address the other Envoy was reached at, or the names agree: `pricing`, `pricing.shop` and `pricing.shop.svc.cluster.local` all name the service `pricing`. */
function namesService(parent: Exchange, child: Exchange): boolean {
  const service = child.vantage.service;
  const address = parent.peer.address;
  if (address !== undefined && address === child.attributes['destination.address']) return true;
  return parent.peer.name === service || parent.peer.name.startsWith(`${service}.`);
}

/** An outbound exchange hangs under the inbound exchange its own instance was serving when it began. */
function callLinks(exchanges: readonly Exchange[], related: Related): readonly Link[] {
  const links: Link[] = [];
  for (const child of exchanges) {
    if (child.vantage.direction !== 'outbound') continue;
    const candidates = exchanges.filter((parent) => sharesInstance(parent, child) && related(parent, child));
    const link = chooseCaller(candidates, child);
    if (link !== undefined) links.push({ parent: link.parent.id, child: child.id, confidence: link.confidence });
  }
  return links;
}

/** Those that had begun, open ones first, one with the very same span first of all; only then one that seems to begin a little later. */
function chooseCaller(
  candidates: readonly Exchange[],
  child: Exchange,
): { readonly parent: Exchange; readonly confidence: LinkConfidence } | undefined {
  const begun = candidates.filter((parent) => parent.startedAt <= child.startedAt);
  const open = begun.filter((parent) => parent.endedAt + OUT_OF_ORDER_MS >= child.startedAt);
  const sameSpan = open.filter((parent) => parent.trace !== undefined && parent.trace.spanId === child.trace?.spanId);
  if (sameSpan.length === 1 && sameSpan[0] !== undefined) return { parent: sameSpan[0], confidence: 'context' };
  const parent = open.at(-1) ?? begun.at(-1) ?? candidates.find((late) => late.startedAt <= child.startedAt + SLACK);
  return parent && { parent, confidence: open.length === 1 ? 'context' : 'inferred' };
}

function sharesInstance(parent: Exchange, child: Exchange): boolean {
  return (
    parent.vantage.direction === 'inbound' &&
    parent.vantage.service === child.vantage.service &&
    parent.vantage.instance === child.vantage.instance
  );
}
