/**
 * When an exchange began and ended by the sidecar that saw it, to the microsecond. Records bear the time at which the sink read them, which is up to
 * 24 ms later where nothing is told by their order (ingest/pacing.ts).
 */
import type { Exchange, Message } from '../domain/exchange.ts';
import { parseRequestTime } from '../wire/accesslog/time.ts';

/** A sidecar's clock that is further off than a sleep of the sink and some delay is not of the sink's machine, and is not believed. Milliseconds. */
const LATEST_MS = 40;
const EARLIEST_MS = 1;

/**
 * `loggedMs`: how long it took, as the access log says. What was read meanwhile stands between the two ends. Where both sides spoke in turns, who
 * spoke after whom is told by the times of reading alone, and they are left as they are.
 */
export function atSidecarTimes(exchange: Exchange, loggedMs: number | undefined): Exchange {
  const said = parseRequestTime(exchange.attributes['request.time'] ?? '');
  const { request, response } = exchange;
  if (said === undefined || !isNear(exchange.startedAt, said / 1000) || tookTurns(request, response)) return exchange;
  const startedAt = said / 1000;
  const logged = startedAt + (loggedMs ?? Number.NaN);
  const endedAt = Math.max(startedAt, isNear(exchange.endedAt, logged) ? logged : exchange.endedAt);
  const inside = (at: number): number => within({ startedAt, endedAt }, at);
  return {
    ...exchange,
    startedAt,
    endedAt,
    ...(request && { request: { ...moved(request, inside), startedAt } }),
    ...(response && { response: moved(response, inside) }),
  };
}

function tookTurns(request: Message | undefined, response: Message | undefined): boolean {
  return request !== undefined && response !== undefined && request.endedAt > response.startedAt;
}

function isNear(readAt: number, said: number): boolean {
  return readAt - said <= LATEST_MS && readAt - said >= -EARLIEST_MS;
}

/** Of what bears the time at which it was read, in an exchange that may bear its sidecar's. */
export function within({ startedAt, endedAt }: Pick<Exchange, 'startedAt' | 'endedAt'>, at: number): number {
  return Math.min(Math.max(at, startedAt), endedAt);
}

function moved(message: Message, inside: (at: number) => number): Message {
  return {
    ...message,
    startedAt: inside(message.startedAt),
    endedAt: inside(message.endedAt),
    body: message.body.map(({ at, bytes }) => ({ at: inside(at), bytes })),
  };
}
