import type { Header } from '../domain/exchange.ts';
import type { EndReason } from '../domain/segment.ts';
import type { CaptureSink } from '../recorder/port.ts';
import { decodeAttributes, isAttributesFault } from '../wire/extproc/attributes.ts';
import { emptyReply } from '../wire/extproc/reply.ts';
import { createScannedMessage, scanMessage } from '../wire/extproc/scan.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { speakerOf } from '../wire/extproc/speaker.ts';
import { traceContextOf } from '../wire/tracecontext/identity.ts';
import { Callers } from './callers.ts';
import type { Caller } from './callers.ts';
import type { IngestCounters } from './counters.ts';
import { acceptLog } from './log-session.ts';
import { opensLongLived } from './long-lived.ts';
import type { AcceptCall, CallReceiver } from './transport.ts';

/** Turns calls into captures. All sessions of one thread share the object messages are scanned into. */
export function acceptInto(sink: CaptureSink, counters: IngestCounters): AcceptCall {
  const scanned = createScannedMessage();
  const callers = new Callers();
  const log = acceptLog(sink, counters);
  return (kind, metadata) =>
    kind === 'log' ? log(metadata) : new Session(metadata, callers.of(metadata), sink, counters, scanned);
}

class Session implements CallReceiver {
  readonly #metadata: readonly Header[];
  readonly #sink: CaptureSink;
  readonly #counters: IngestCounters;
  readonly #scanned: ScannedMessage;
  /** Undefined until it is known who speaks: from the metadata at once, else from the attributes of the first message. */
  #stream: number | undefined;
  #longLived: boolean;

  constructor(
    metadata: readonly Header[],
    { speaker, call }: Caller,
    sink: CaptureSink,
    counters: IngestCounters,
    scanned: ScannedMessage,
  ) {
    this.#metadata = metadata;
    this.#sink = sink;
    this.#counters = counters;
    this.#scanned = scanned;
    this.#longLived = speaker.protocol !== 'http';
    this.#stream = call && sink.opened(call);
  }

  message(bytes: Uint8Array): Uint8Array | undefined {
    const scanned = scanMessage(bytes, this.#scanned);
    if ('fault' in scanned) {
      this.#counters.faults += 1;
      return undefined;
    }
    this.#longLived ||= opensLongLived(bytes, scanned);
    this.#stream ??= this.#openBy(bytes, scanned);
    this.#sink.message(this.#stream, bytes, scanned);
    return scanned.observabilityMode ? undefined : emptyReply(scanned.part);
  }

  mayIdle(): boolean {
    return this.#longLived;
  }

  ended(reason: EndReason): void {
    if (this.#stream !== undefined) this.#sink.ended(this.#stream, reason);
  }

  #openBy(bytes: Uint8Array, scanned: ScannedMessage): number {
    const attributes = decodeAttributes(bytes, scanned.attributesStart, scanned.attributesEnd);
    const trace = traceContextOf(this.#metadata);
    return this.#sink.opened({
      metadata: this.#metadata,
      ...speakerOf(this.#metadata, isAttributesFault(attributes) ? {} : attributes),
      ...(trace && { trace }),
    });
  }
}
