/** Which of several recorded streams of one path a client began: told by its headers and messages, recorded order among equals. */
import type { Header } from '../../../src/domain/exchange.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { isKeepAlive } from '../../../src/wire/stream.ts';
import type { AnswerSource } from '../call.ts';
import { differences } from '../difference.ts';
import type { TimeWindow } from '../../../src/domain/noise.ts';
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

/** `certain`: no other can be meant any more. */
export interface Choice<T> {
  readonly stream: T;
  readonly certain: boolean;
}

/** Of the transport, the tracer and the proxy: they tell no two streams apart. */
const SAYS_NOTHING =
  /^(?::|x-envoy-|x-forwarded-|x-b3-|grpc-|sec-websocket-|traceparent$|tracestate$|x-request-id$|user-agent$|te$|content-type$|host$|connection$|date$)/;

interface Standing<T> {
  readonly stream: T;
  readonly client: readonly StreamMessage[];
  readonly server: readonly StreamMessage[];
  readonly headers: number;
  /** Values that the client said otherwise. */
  found: number;
  /** It would have been answered as the client was answered so far. */
  possible: boolean;
}

export class StreamChooser<T extends RecordedStream> {
  readonly #standings: readonly Standing<T>[];
  readonly #isFree: (stream: T) => boolean;
  readonly #valueOf: MessageValue;
  readonly #now: number;
  #came = 0;
  #played = 0;

  /** `candidates` in recorded order, `headers` those of the client; `now` Unix ms; `isFree`: no other client has taken it since. */
  constructor(
    candidates: readonly T[],
    headers: readonly Header[],
    { valueOf, now, isFree }: { valueOf: MessageValue; now: number; isFree: (stream: T) => boolean },
  ) {
    this.#valueOf = valueOf;
    this.#now = now;
    this.#isFree = isFree;
    this.#standings = candidates.map((stream) => ({
      stream,
      client: stream.messages.filter((one) => one.side === 'client' && !isKeepAlive(one)),
      server: stream.messages.filter(({ side }) => side === 'server'),
      headers: headersApart(stream.headers, headers, { recordedAt: stream.recordedAt, now }),
      found: 0,
      possible: true,
    }));
  }

  /** The client sent this. */
  came(message: StreamMessage): void {
    if (isKeepAlive(message)) return;
    for (const standing of this.#standings) standing.found += this.#apart(standing, message);
    this.#came += 1;
  }

  /** The client was answered this, whichever it is. */
  played(message: StreamMessage): void {
    for (const standing of this.#standings) standing.possible &&= isSame(standing.server[this.#played], message);
    this.#played += 1;
  }

  /** Undefined: none of them. What may be another transaction's answers only what it was asked. */
  choose(): Choice<T> | undefined {
    const [best, second] = this.#open().toSorted(better);
    if (best === undefined || (best.found > 0 && best.stream.source !== 'loop')) return undefined;
    const alone = second === undefined || (this.#came > 0 && best.found === 0 && second.found > 0);
    return { stream: best.stream, certain: alone };
  }

  /** Whichever it is, this is what comes next. */
  isShared(message: StreamMessage): boolean {
    const [best] = this.#open().toSorted(better);
    return this.#open()
      .filter(({ found }) => found === best?.found)
      .every(({ server }) => isSame(server[this.#played], message));
  }

  #open(): readonly Standing<T>[] {
    return this.#standings.filter(({ stream, possible }) => possible && this.#isFree(stream));
  }

  #apart({ stream, client }: Standing<T>, asked: StreamMessage): number {
    const recorded = client[this.#came];
    if (recorded === undefined || recorded.kind !== asked.kind) return 1;
    if (Buffer.compare(recorded.bytes, asked.bytes) === 0) return 0;
    const window = { recordedAt: stream.recordedAt, now: this.#now };
    const found = differences(this.#valueOf(recorded), this.#valueOf(asked), window, '');
    return found.filter(({ noise }) => !noise).length;
  }
}

function isSame(one: StreamMessage | undefined, other: StreamMessage): boolean {
  if (one === undefined || one.kind !== other.kind || one.code !== other.code) return false;
  return Buffer.compare(one.bytes, other.bytes) === 0 && headersApart(one.headers, other.headers ?? []) === 0;
}

function better<T extends RecordedStream>(one: Standing<T>, other: Standing<T>): number {
  const asked = Number(one.found > 0) - Number(other.found > 0);
  const own = Number(one.stream.source !== 'loop') - Number(other.stream.source !== 'loop');
  return asked || own || one.found - other.found || one.headers - other.headers;
}

/** How many of these headers the recording has otherwise. */
function headersApart(
  recorded: readonly Header[] = [],
  asked: readonly Header[],
  window: TimeWindow = { recordedAt: 0, now: 0 },
): number {
  const names = new Set(asked.map(({ name }) => name).filter((name) => !SAYS_NOTHING.test(name)));
  const of = (headers: readonly Header[], name: string): string =>
    headers.flatMap((one) => (one.name === name ? [one.value] : [])).join(', ');
  const found = [...names].flatMap((name) => differences(of(recorded, name), of(asked, name), window, name));
  return found.filter(({ noise }) => !noise).length;
}
