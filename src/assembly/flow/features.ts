/** What speaks for and against one inbound exchange having made one call. */
import { OUT_OF_ORDER_MS } from '../../domain/out-of-order.ts';
import type { Exchange } from '../../domain/exchange.ts';
import { statusOf } from '../../domain/exchange.ts';
import { grpcStatusOf } from '../../domain/grpc.ts';
import type { Flowing } from './flowing.ts';
import { answeredAt } from './scene.ts';
import type { Done } from './trees.ts';

/** Each 0..1. Names are of the table of weights. */
export interface Features {
  /** Values of the request, or of what was answered before, that are in the call. */
  readonly given: number;
  /** More of them than one would need. */
  readonly many: number;
  /** Values of the call's answer that are in the caller's, and were not in its request. */
  readonly returned: number;
  /** The call began before the caller answered. */
  readonly open: number;
  /** And was answered before it did: a handler that waits for its call does not answer first. */
  readonly nested: number;
  /** The caller did something right behind the call's end: it answered, or asked the next. */
  readonly behind: number;
  /** Both failed; less when other candidates failed too. */
  readonly failed: number;
  /** Both failed, and the caller's error quotes the call's; less when other candidates' do too. */
  readonly quoted: number;
  /** The call failed, and the caller answered well. */
  readonly survived: number;
  /** Another call that is likely the caller's went on at the same time: most handlers do one thing after the other. */
  readonly overlapping: number;
  /** The caller is likely to have made such a call already, and others make one only. */
  readonly repeated: number;
  /** The caller is likely to have asked for the very same already, without failing. */
  readonly again: number;
  /** Its only candidate. */
  readonly only: number;
}

export interface Pair {
  readonly caller: Exchange;
  readonly call: { readonly startedAt: number; readonly endedAt: number; readonly failed: boolean };
  readonly given: Flowing;
  readonly returned: Flowing;
  readonly moments: readonly number[];
  /** Other calls that are likely the caller's. */
  readonly others: readonly Done[];
  /** Such calls are made once by each request, and this one has made one. 0..1 */
  readonly repeated: number;
  readonly again: number;
  readonly only: boolean;
  /** Candidates that failed, when the caller is one of them and the call failed; and those that quote its error. 0: it does not. */
  readonly failing: number;
  readonly quoting: number;
}

/** What is not counted of a command. */
export const UNCOUNTED = { repeated: 0, again: 0, failing: 0, quoting: 0 } as const;

export function featuresOf({
  caller,
  call,
  given,
  returned,
  moments,
  others,
  repeated,
  again,
  only,
  failing,
  quoting,
}: Pair): Features {
  const answered = answeredAt(caller);
  const open = call.startedAt <= answered + OUT_OF_ORDER_MS / 5;
  const pace = Math.max(4, (caller.endedAt - caller.startedAt) / 10);
  const next = moments.reduce((least, at) => (at >= call.endedAt - 1 ? Math.min(least, at) : least), Infinity);
  const overlaps = others.filter((done) => done.startedAt < call.endedAt - 1 && call.startedAt < done.endedAt - 1);
  const callerFailed = hasFailed(caller);
  return {
    given: given.weight,
    many: given.more,
    returned: returned.weight,
    open: Number(open),
    nested: Number(open && call.endedAt <= answered + OUT_OF_ORDER_MS / 5),
    behind: nearness(next - call.endedAt, pace),
    failed: failing === 0 ? 0 : 1 / failing,
    quoted: quoting === 0 ? 0 : 1 / quoting,
    survived: Number(call.failed && !callerFailed),
    overlapping: overlaps.reduce((most, { certainty }) => Math.max(most, certainty), 0),
    repeated,
    again,
    only: Number(only),
  };
}

/** 1 at once, and less with each `pace` of milliseconds. */
function nearness(ms: number, pace: number): number {
  return Math.exp(-Math.max(0, ms) / pace);
}

/** By the status alone: rules of one's own are none of assembly's business. */
export function hasFailed(exchange: Exchange): boolean {
  const { response } = exchange;
  if (response === undefined || !response.complete) return true;
  return (statusOf(exchange) ?? 599) >= 500 || (grpcStatusOf(response) ?? 0) !== 0;
}
