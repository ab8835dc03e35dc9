/** What speaks for and against one inbound exchange having made one call. */
import type { Exchange } from '../../domain/exchange.ts';
import { statusOf } from '../../domain/exchange.ts';
import { grpcStatusOf } from '../../domain/grpc.ts';
import type { Flowing } from './flowing.ts';
import { answeredAt, SLACK_MS } from './scene.ts';

/** Each 0..1. Names are of the table of weights. */
export interface Features {
  /** Values of the request, or of what was answered before, that are in the call. */
  readonly given: number;
  /** Values of the call's answer that are in the caller's, and were not in its request. */
  readonly returned: number;
  /** The call began before the caller answered. */
  readonly open: number;
  /** And was answered before it did: a handler that waits for its call does not answer first. */
  readonly nested: number;
  /** The caller did something right behind the call's end: it answered, or asked the next. */
  readonly behind: number;
  /** The call began right behind something of the caller: its request, or an answer it had. */
  readonly ahead: number;
  /** Both failed. */
  readonly failed: number;
  /** The call failed, and the caller answered well. */
  readonly survived: number;
  /** Its only candidate. */
  readonly only: number;
}

export interface Timeline {
  /** When the caller was last heard of before a moment, and next behind it: begin, end and calls already placed. Unix ms. */
  readonly moments: readonly number[];
}

export interface Pair {
  readonly caller: Exchange;
  readonly call: { readonly startedAt: number; readonly endedAt: number; readonly failed: boolean };
  readonly given: Flowing;
  readonly returned: Flowing;
  readonly timeline: Timeline;
  readonly only: boolean;
}

export function featuresOf({ caller, call, given, returned, timeline, only }: Pair): Features {
  const answered = answeredAt(caller);
  const open = call.startedAt <= answered + SLACK_MS / 5;
  const pace = Math.max(4, (caller.endedAt - caller.startedAt) / 10);
  const next = Math.min(...timeline.moments.filter((at) => at >= call.endedAt - 1), Infinity);
  const last = Math.max(...timeline.moments.filter((at) => at <= call.startedAt + 1), -Infinity);
  const callerFailed = hasFailed(caller);
  return {
    given: given.weight,
    returned: returned.weight,
    open: Number(open),
    nested: Number(open && call.endedAt <= answered + SLACK_MS / 5),
    behind: nearness(next - call.endedAt, pace),
    ahead: nearness(call.startedAt - last, pace),
    failed: Number(call.failed && callerFailed),
    survived: Number(call.failed && !callerFailed),
    only: Number(only),
  };
}

/** 1 at once, and less with each `pace` of milliseconds. */
function nearness(ms: number, pace: number): number {
  return Math.exp(-Math.max(0, ms) / pace);
}

/** Of the status alone: rules of one's own are none of assembly's business. */
export function hasFailed(exchange: Exchange): boolean {
  const { response } = exchange;
  if (response === undefined || !response.complete) return true;
  return (statusOf(exchange) ?? 599) >= 500 || (grpcStatusOf(response) ?? 0) !== 0;
}
