/** Which of several recorded streams of one path a client began: told by its headers and first messages, recorded order among equals. */
import type { Header } from '../../../src/domain/exchange.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { endsSide, isKeepAlive } from '../../../src/wire/stream.ts';
import type { AnswerSource } from '../call.ts';
import { differences } from '../difference.ts';
import type { TimeWindow } from '../noise.ts';
import type { MessageValue } from './compare.ts';

export interface RecordedStream {
  readonly source: AnswerSource;
  /** Of its request. */
  readonly headers: readonly Header[];
  /** Both sides, in recorded order. */
  readonly messages: readonly StreamMessage[];
  /** Unix ms. */
  readonly recordedAt: number;
}

export type Choice<T> =
  | { readonly kind: 'chosen'; readonly stream: T }
  | { readonly kind: 'more' }
  | { readonly kind: 'none' };

/** More messages are not waited for, nor held. */
const LOOKAHEAD = 8;

/** Of the transport, the tracer and the proxy: they tell no two streams apart. */
const SAYS_NOTHING =
  /^(?::|x-envoy-|x-forwarded-|x-b3-|grpc-|sec-websocket-|traceparent$|tracestate$|x-request-id$|user-agent$|te$|content-type$|host$|connection$|date$)/;

interface Standing<T> {
  readonly stream: T;
  readonly expected: readonly StreamMessage[];
  /** Client messages before the server's first word: then it waits for nothing more. */
  readonly patience: number;
  readonly headers: number;
  found: number;
}

export class StreamChooser<T extends RecordedStream> {
  readonly #standings: readonly Standing<T>[];
  readonly #valueOf: MessageValue;
  readonly #now: number;
  #seen = 0;
  #ended = false;

  /** `candidates` in recorded order, `headers` those of the client; `now` Unix ms. */
  constructor(candidates: readonly T[], headers: readonly Header[], valueOf: MessageValue, now: number) {
    this.#valueOf = valueOf;
    this.#now = now;
    this.#standings = candidates.map((stream) => ({
      stream,
      expected: stream.messages.filter((one) => one.side === 'client' && !isKeepAlive(one)),
      patience: patienceOf(stream.messages),
      headers: headersApart(stream.headers, headers, { recordedAt: stream.recordedAt, now }),
      found: 0,
    }));
  }

  /** The client sent this. */
  came(message: StreamMessage): void {
    if (isKeepAlive(message)) return;
    for (const standing of this.#standings) standing.found += this.#apart(standing, message);
    this.#seen += 1;
    this.#ended ||= endsSide(message);
  }

  choose(): Choice<T> {
    const [best, second] = this.#standings.toSorted(better);
    if (best === undefined) return { kind: 'none' };
    const certain = second === undefined || (this.#seen > 0 && best.found === 0 && second.found > 0);
    if (!certain && this.#mayWait()) return { kind: 'more' };
    // What may be another transaction's answers only what it was asked.
    if (best.found > 0 && best.stream.source !== 'loop') return { kind: 'none' };
    return { kind: 'chosen', stream: best.stream };
  }

  #mayWait(): boolean {
    const open = !this.#ended && this.#seen < LOOKAHEAD;
    return open && this.#standings.every(({ patience }) => patience > this.#seen);
  }

  #apart({ stream, expected }: Standing<T>, asked: StreamMessage): number {
    const recorded = expected[this.#seen];
    if (recorded === undefined || recorded.kind !== asked.kind) return 1;
    if (Buffer.compare(recorded.bytes, asked.bytes) === 0) return 0;
    const window = { recordedAt: stream.recordedAt, now: this.#now };
    const found = differences(this.#valueOf(recorded), this.#valueOf(asked), window, '');
    return found.filter(({ noise }) => !noise).length;
  }
}

function better<T extends RecordedStream>(one: Standing<T>, other: Standing<T>): number {
  const asked = Number(one.found > 0) - Number(other.found > 0);
  const own = Number(one.stream.source !== 'loop') - Number(other.stream.source !== 'loop');
  return asked || own || one.found - other.found || one.headers - other.headers;
}

function patienceOf(messages: readonly StreamMessage[]): number {
  const first = messages.findIndex(({ side }) => side === 'server');
  const before = first < 0 ? messages : messages.slice(0, first);
  return before.filter((message) => message.side === 'client' && !isKeepAlive(message)).length;
}

/** How many of the client's own headers the recording has otherwise. */
function headersApart(recorded: readonly Header[], asked: readonly Header[], window: TimeWindow): number {
  const names = new Set(asked.map(({ name }) => name).filter((name) => !SAYS_NOTHING.test(name)));
  const of = (headers: readonly Header[], name: string): string =>
    headers.flatMap((one) => (one.name === name ? [one.value] : [])).join(', ');
  const found = [...names].flatMap((name) => differences(of(recorded, name), of(asked, name), window, name));
  return found.filter(({ noise }) => !noise).length;
}
