/**
 * When one exchange counts as failed. Rules look at one exchange alone and only at facts; what a tree makes of it is origin.ts.
 *
 * No failure, on purpose: any 4xx, also Envoy's own 404 without a route (NR); a client that left before its deadline; an event stream or an upgraded connection
 * that ends without an end mark, unless its server closed it with 1011 or 1014; an answer that came before the upload ended (413).
 * Retries are inside one exchange: what its client saw last is what counts.
 * Which gRPC status is a failure is told in grpc.ts.
 */
import type { Exchange } from '../domain/exchange.ts';
import type { Failure, FailureKind } from '../domain/verdict.ts';
import { hasMissedDeadline, sayDeadline } from './deadline.ts';
import { flagsOfFailure, isClientGone } from '../domain/flags.ts';
import { factsOf } from './facts.ts';
import type { ExchangeFacts } from './facts.ts';
import { grpcFailure, grpcSummary } from './grpc.ts';
import { phraseOf, readableDetails } from './phrases.ts';

type Rule = (facts: ExchangeFacts) => Failure | undefined;

/** By what was answered. */
const ANSWERED: readonly Rule[] = [failedStatus, failedGrpcStatus, failedWebSocket, failedWithoutAnswer];
/** By how it ended without an end. */
const BROKEN_OFF: readonly Rule[] = [missedDeadline, brokenAnswer];

/** Envoy gave up waiting: route or per-try timeout, duration limit, idle timeout, stream duration limit. */
const TIMEOUT: ReadonlySet<string> = new Set(['UT', 'DT', 'SI', 'UMSDR']);
/** No upstream answered: connection failed or broke, none healthy, overflow, no route, no cluster. */
const UNAVAILABLE: ReadonlySet<string> = new Set(['UF', 'UH', 'UO', 'NR', 'NC', 'UC']);
/** With these an answer that had begun was cut off: reset or connection lost by the upstream, its protocol broken, reset by Envoy. */
const CUT_OFF: ReadonlySet<string> = new Set(['UR', 'UC', 'UPE', 'UF', 'UO', 'LR', 'OM']);

export function judge(facts: ExchangeFacts): Failure | undefined {
  return firstOf(ANSWERED, facts) ?? firstOf(BROKEN_OFF, facts);
}

/** The access log may say otherwise, or that it was none: it broke off, and who did that, and when, is a guess without the log. */
export function hangsOnLog(facts: ExchangeFacts): boolean {
  return facts.logged !== true && !firstOf(ANSWERED, facts) && firstOf(BROKEN_OFF, facts) !== undefined;
}

function firstOf(rules: readonly Rule[], facts: ExchangeFacts): Failure | undefined {
  for (const rule of rules) {
    const failure = rule(facts);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

export function judgeExchange(exchange: Exchange): Failure | undefined {
  return judge(factsOf(exchange));
}

function failedStatus(facts: ExchangeFacts): Failure | undefined {
  const status = effectiveStatus(facts);
  if (status === undefined || status < 500) return undefined;
  return { kind: kindByFlags(facts.flags) ?? 'status', summary: summarise(facts) };
}

/** What Envoy itself answers to a gRPC client is an HTTP answer in disguise: its code judges it (404 without a route is UNIMPLEMENTED there). */
function failedGrpcStatus({ grpcStatus, code, status }: ExchangeFacts): Failure | undefined {
  const disguised = code !== undefined && code >= 400 && code !== status;
  const kind = grpcStatus === undefined || disguised ? undefined : grpcFailure(grpcStatus);
  return kind && { kind, summary: grpcSummary(grpcStatus ?? 0) };
}

/** By its close frame alone: connections without one end at every deployment, and with every telephone in a tunnel. */
function failedWebSocket({ closeCode }: ExchangeFacts): Failure | undefined {
  return closeCode === undefined ? undefined : { kind: 'status', summary: `WebSocket closed with ${closeCode}` };
}

/** Flags without an answer come from the access log: the filter shows them with the answer's headers. */
function failedWithoutAnswer(facts: ExchangeFacts): Failure | undefined {
  const kind = facts.status === undefined && !isClientGone(facts) ? kindByFlags(facts.flags) : undefined;
  return kind && { kind, summary: summarise(facts) };
}

/** On the wire a gRPC client whose deadline passes leaves, as if it had changed its mind; its user is told DEADLINE_EXCEEDED. */
function missedDeadline(facts: ExchangeFacts): Failure | undefined {
  if (!hasMissedDeadline(facts)) return undefined;
  return { kind: 'timeout', summary: `${sayUnanswered(facts)} within its ${sayDeadline(facts)}` };
}

/** An exchange that went on when the deadline of a call above it passed, and was broken off with that. */
export function failedWithCaller(facts: ExchangeFacts, caller: ExchangeFacts): Failure {
  return { kind: 'timeout', summary: `${sayUnanswered(facts)} when its caller's ${sayDeadline(caller)} passed` };
}

function sayUnanswered({ status }: ExchangeFacts): string {
  return status === undefined ? 'no answer' : `${status} answer without an end`;
}

/** Who broke an answer off, only the access log tells. Without it, an answer that never ends is taken for cut off by the upstream. */
function brokenAnswer(facts: ExchangeFacts): Failure | undefined {
  const { status, responseComplete, eventStream, upgraded, logged } = facts;
  if (status === undefined || responseComplete || eventStream || upgraded || isClientGone(facts)) return undefined;
  const kind = logged === true ? cutByFlags(facts.flags) : cutWithoutLog(facts);
  const why = kind === 'timeout' ? `: ${flagsWithDetails(facts)}` : ' before its end';
  return kind && { kind, summary: `${status} answer cut off${why}` };
}

/** No flag: the answer was whole, and what is missing is missing in the recording. */
function cutByFlags(flags: readonly string[]): FailureKind | undefined {
  if (flags.some((flag) => TIMEOUT.has(flag))) return 'timeout';
  return flags.some((flag) => CUT_OFF.has(flag)) ? 'reset' : undefined;
}

/** An answer cut off by our own end (shutdown, idle, a call in error) tells nothing of the exchange. */
function cutWithoutLog({ requestComplete, end }: ExchangeFacts): FailureKind | undefined {
  return requestComplete && (end === 'closed' || end === 'cancelled') ? 'reset' : undefined;
}

export function kindByFlags(flags: readonly string[]): FailureKind | undefined {
  if (flags.some((flag) => TIMEOUT.has(flag))) return 'timeout';
  return flags.some((flag) => UNAVAILABLE.has(flag)) ? 'unavailable' : undefined;
}

/** The header, unless Envoy's own code tells of a failure that the header hides. */
export function effectiveStatus(facts: ExchangeFacts): number | undefined {
  const hidden = facts.code !== undefined && facts.code >= 500 && (facts.status ?? 0) < 500;
  return hidden ? facts.code : facts.status;
}

function summarise(facts: ExchangeFacts): string {
  const status = effectiveStatus(facts);
  const head = status === undefined ? 'no answer' : String(status);
  const because = flagsWithDetails(facts);
  return [head, because === '' ? phraseOf(status) : because].filter(Boolean).join(' ');
}

/** `UT (response timeout)`; empty without flags. */
function flagsWithDetails({ flags, details = '' }: ExchangeFacts): string {
  const failed = flagsOfFailure(flags).join(',');
  const readable = failed === '' ? '' : readableDetails(details);
  return readable === '' ? failed : `${failed} (${readable})`;
}
