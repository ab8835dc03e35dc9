import type { StreamId } from './ids.ts';
import type { EndReason, Gap } from './segment.ts';

/** A header as it was on the wire: lower-case name, value as Latin-1 text (each char is one byte). Repeats keep their order. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** Body bytes that arrived together. `at` is Unix time in milliseconds. */
export interface Chunk {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** One direction of an exchange. */
export interface Message {
  readonly headers: readonly Header[];
  readonly body: readonly Chunk[];
  readonly trailers: readonly Header[];
  /** Unix ms of its first and last part. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** True when its end mark was seen and nothing of it is missing. */
  readonly complete: boolean;
}

/** One try of Envoy's router to have an outbound exchange answered. */
export interface Attempt {
  readonly id: StreamId;
  /** 1 for the first. */
  readonly number: number;
  /** `ip:port` it was sent to, when one was chosen. */
  readonly address?: string;
  /** Headers of its answer; absent when it was refused, reset or timed out. Of an answer that was passed on the rest is the exchange's. */
  readonly answer?: readonly Header[];
  /** Unix ms; of one without an answer `endedAt` is when the next began, or the exchange ended. */
  readonly startedAt: number;
  readonly endedAt: number;
}

export type Direction = 'inbound' | 'outbound';

/** Who was spoken to (outbound) or answered (inbound), as far as it is known. */
export interface Peer {
  /** The name the caller used (authority without port), else Envoy's cluster name. */
  readonly name: string;
  readonly port?: number;
  /** `ip:port` Envoy really used. */
  readonly address?: string;
}

/** Where a stream was seen. */
export interface Vantage {
  readonly service: string;
  readonly instance: string;
  readonly version?: string;
  /** Variables of the service that its sidecar was told to tell, by name; of inbound exchanges only. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly direction: Direction;
}

/** W3C trace context (or B3 mapped to it): 32 and 16 lower-case hex digits. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
}

/** One request and its response as one Envoy saw it. */
export interface Exchange {
  readonly kind: 'exchange';
  readonly id: StreamId;
  readonly vantage: Vantage;
  readonly peer: Peer;
  /** `http/1.1`, `http/2`, `websocket`, … as Envoy names the request protocol, lower-case. */
  readonly protocol: string;
  readonly trace?: TraceContext;
  readonly requestId?: string;
  /** Absent when the stream began with the response: a local rejection in front of the filter. */
  readonly request?: Message;
  readonly response?: Message;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly end: EndReason | 'open';
  /** Unix ms, of an exchange that never ended: when by the end of its call it broke off. What the access log says of that is in `endedAt`. */
  readonly brokeOffAt?: number;
  /** Envoy's response flags as short names (`UF`, `UT`, …), and its code details: as of the answer's headers, final when `logged`. */
  readonly flags: readonly string[];
  readonly details?: string;
  /** Envoy's access log has told how it ended. */
  readonly logged?: true;
  /** Other attributes Envoy gave, by expression text. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly gaps: readonly Gap[];
  /** Each try, by number, where the sidecar records them; how many there were is in `attributes` too. */
  readonly attempts?: readonly Attempt[];
}

/** How often Envoy sent it: 1 when nothing is known of retries, or it was never sent. */
export function attemptsOf({ attributes, attempts = [] }: Exchange): number {
  const counted = Number(attributes['upstream.request_attempt_count'] ?? 1);
  return Math.max(1, attempts.length, Number.isSafeInteger(counted) ? counted : 1);
}

export function header(headers: readonly Header[], name: string): string | undefined {
  return headers.find((candidate) => candidate.name === name)?.value;
}

/** HTTP status of the answer; undefined when there was none. */
export function statusOf(exchange: Exchange): number | undefined {
  const text = exchange.response && header(exchange.response.headers, ':status');
  return text === undefined ? undefined : Number(text);
}

export function methodOf(exchange: Exchange): string {
  return (
    (exchange.request && header(exchange.request.headers, ':method')) ?? exchange.attributes['request.method'] ?? '?'
  );
}

/** Path with query, as this Envoy saw it. */
export function pathOf(exchange: Exchange): string {
  return (exchange.request && header(exchange.request.headers, ':path')) ?? exchange.attributes['request.path'] ?? '?';
}

export function bodyOf(message: Message): Uint8Array {
  const size = message.body.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of message.body) {
    whole.set(chunk.bytes, offset);
    offset += chunk.bytes.length;
  }
  return whole;
}
