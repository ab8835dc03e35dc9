/**
 * When one exchange counts as failed. Rules look at one exchange alone and only at facts; what a tree makes of it is origin.ts.
 *
 * No failure, on purpose: any 4xx, also Envoy's own 404 without a route (NR); a client that left before its request was whole or before
 * any answer; an event stream or an upgraded connection that ends without an end mark; an answer that came before the upload ended (413).
 * Retries are inside one exchange: what its client saw last is what counts.
 *
 * gRPC status of trailers is to be a rule beside these: a fact `grpcStatus` and one more line in RULES.
 */
import type { Exchange } from '../domain/exchange.ts';
import type { Failure, FailureKind } from '../domain/verdict.ts';
import { factsOf } from './facts.ts';
import type { ExchangeFacts } from './facts.ts';
import { phraseOf, readableDetails } from './phrases.ts';

type Rule = (facts: ExchangeFacts) => FailureKind | undefined;

const RULES: readonly Rule[] = [failedStatus, failedWithoutAnswer, brokenAnswer];

/** Envoy gave up waiting: route or per-try timeout, duration limit, idle timeout, stream duration limit. */
const TIMEOUT: ReadonlySet<string> = new Set(['UT', 'DT', 'SI', 'UMSDR']);
/** No upstream answered: connection failed or broke, none healthy, overflow, no route, no cluster. */
const UNAVAILABLE: ReadonlySet<string> = new Set(['UF', 'UH', 'UO', 'NR', 'NC', 'UC']);
/** The client left: connection gone, or its stream reset. */
const CLIENT_GONE: ReadonlySet<string> = new Set(['DC', 'DR']);

export function judge(facts: ExchangeFacts): Failure | undefined {
  for (const rule of RULES) {
    const kind = rule(facts);
    if (kind !== undefined) return { kind, summary: summarise(facts, kind) };
  }
  return undefined;
}

export function judgeExchange(exchange: Exchange): Failure | undefined {
  return judge(factsOf(exchange));
}

function failedStatus(facts: ExchangeFacts): FailureKind | undefined {
  const status = effectiveStatus(facts);
  return status !== undefined && status >= 500 ? (kindByFlags(facts.flags) ?? 'status') : undefined;
}

/** Flags without an answer come from the access log alone: the filter shows them with the answer's headers. */
function failedWithoutAnswer(facts: ExchangeFacts): FailureKind | undefined {
  return facts.status === undefined && !clientGone(facts) ? kindByFlags(facts.flags) : undefined;
}

/** An answer cut off by our own end (shutdown, idle, a call in error) tells nothing of the exchange. */
function brokenAnswer(facts: ExchangeFacts): FailureKind | undefined {
  const begun = facts.status !== undefined && facts.requestComplete && !facts.responseComplete;
  const over = facts.end === 'closed' || facts.end === 'cancelled';
  return begun && over && !facts.eventStream && !facts.upgraded && !clientGone(facts) ? 'reset' : undefined;
}

function kindByFlags(flags: readonly string[]): FailureKind | undefined {
  if (flags.some((flag) => TIMEOUT.has(flag))) return 'timeout';
  return flags.some((flag) => UNAVAILABLE.has(flag)) ? 'unavailable' : undefined;
}

function clientGone(facts: ExchangeFacts): boolean {
  return facts.flags.some((flag) => CLIENT_GONE.has(flag));
}

/** The header, unless Envoy's own code tells of a failure that the header hides. */
function effectiveStatus(facts: ExchangeFacts): number | undefined {
  const hidden = facts.code !== undefined && facts.code >= 500 && (facts.status ?? 0) < 500;
  return hidden ? facts.code : facts.status;
}

function summarise(facts: ExchangeFacts, kind: FailureKind): string {
  const status = effectiveStatus(facts);
  if (kind === 'reset') return `${status ?? ''} answer cut off before its end`.trimStart();
  const head = status === undefined ? 'no answer' : String(status);
  if (facts.flags.length === 0) return [head, phraseOf(status)].filter(Boolean).join(' ');
  const details = readableDetails(facts.details ?? '');
  return `${head} ${facts.flags.join(',')}${details === '' ? '' : ` (${details})`}`;
}
