/** When things happened, as an HTTP archive says it: milliseconds, -1 for what is not known. */
import type { ExchangeView } from '../seal/view-schema.ts';

/** The end of the year 9999: later ones have no ISO form with four digits. */
const LATEST = Date.UTC(10_000, 0, 1) - 1;

export interface HarTimings {
  readonly send: number;
  readonly wait: number;
  readonly receive: number;
}

/** A time of a recording may be any number: what is no time becomes the nearest that is one. */
export function isoTime(at: number): string {
  return new Date(Math.min(Math.max(at, 0), LATEST)).toISOString();
}

/**
 * `send` ends with the last byte of the request or the first of the answer, whichever came first: in a stream they overlap. Without an answer,
 * all that was left of the exchange was spent waiting for it.
 */
export function harTimings({
  request,
  response,
  endedAt,
}: Pick<ExchangeView, 'request' | 'response' | 'endedAt'>): HarTimings {
  const answered = response?.startedAt ?? endedAt;
  const sent = request && Math.min(request.endedAt, answered);
  return {
    send: request === undefined || sent === undefined ? -1 : span(request.startedAt, sent),
    wait: sent === undefined ? -1 : span(sent, answered),
    receive: response === undefined ? -1 : span(response.startedAt, response.endedAt),
  };
}

export function timeOf({ send, wait, receive }: HarTimings): number {
  return [send, wait, receive].filter((part) => part > 0).reduce((sum, part) => sum + part, 0);
}

function span(from: number, to: number): number {
  return Math.min(Math.max(to - from, 0), LATEST);
}
