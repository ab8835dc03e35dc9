/** What an entry of the access log adds to an exchange, or is of it when nothing else is known. */
import type { Message } from '../domain/exchange.ts';
import type { Segment } from '../domain/segment.ts';
import type { LogEntry } from '../wire/accesslog/decode.ts';
import { decodeEntry } from '../wire/accesslog/decode.ts';
import { beganAt } from '../wire/accesslog/time.ts';

/** An entry and when it came. */
export interface TimedEntry {
  readonly at: number;
  readonly entry: LogEntry;
}

/** The first that can be read. */
export function readEntry(segments: readonly Segment[]): TimedEntry | undefined {
  for (const { kind, at, payload } of segments) {
    const entry = kind === 'log' ? decodeEntry(payload) : { fault: kind };
    if (!('fault' in entry)) return { at, entry };
  }
  return undefined;
}

/** Attributes that are final only in the log; of all others the filter's own count. */
const FINAL = new Set([
  'response.flags',
  'response.code_details',
  'upstream.address',
  'upstream.request_attempt_count',
  'upstream.transport_failure_reason',
  'connection.termination_details',
]);

export function withLogged(
  attributes: Readonly<Record<string, string>>,
  logged: TimedEntry | undefined,
): Readonly<Record<string, string>> {
  if (logged === undefined) return attributes;
  const all = Object.entries(logged.entry.attributes);
  return {
    ...Object.fromEntries(all),
    ...attributes,
    ...Object.fromEntries(all.filter(([name]) => FINAL.has(name))),
  };
}

/** On the recorder's clock. */
export function startOf({ at, entry }: TimedEntry): number {
  return beganAt(entry.startedAt * 1000, entry.durationMs, at);
}

/** The answer as far as the log tells it: status, some headers, no body. Undefined when there was none. */
export function loggedAnswer(logged: TimedEntry): Message | undefined {
  const { code, responseHeaders, responseTrailers, durationMs } = logged.entry;
  if (code === undefined) return undefined;
  const endedAt = startOf(logged) + durationMs;
  return {
    headers: [{ name: ':status', value: String(code) }, ...responseHeaders],
    body: [],
    trailers: responseTrailers,
    startedAt: endedAt,
    endedAt,
    complete: false,
  };
}
