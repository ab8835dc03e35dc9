import { EventEmitter, once } from 'node:events';
import type { EndReason } from '../../src/domain/segment.ts';
import type { CapturedCall, CaptureSink, LogSource } from '../../src/recorder/port.ts';
import type { ScannedEntry } from '../../src/wire/accesslog/scanned.ts';
import { decodeMessage } from '../../src/wire/extproc/decode.ts';
import { Part } from '../../src/wire/extproc/scanned.ts';
import type { ScannedMessage } from '../../src/wire/extproc/scanned.ts';

const PART_NAMES = Object.fromEntries(Object.entries(Part).map(([name, part]) => [part, name]));

export interface CapturedStream {
  readonly call: CapturedCall;
  /** Copies, as a recorder makes them. */
  readonly messages: Uint8Array[];
  /** One line per event, for tests that read like transcripts. */
  readonly lines: string[];
  readonly ends: EndReason[];
}

/** Keeps everything it is given. */
export class TestSink implements CaptureSink {
  readonly streams: CapturedStream[] = [];
  readonly logs: { readonly source: LogSource; readonly bytes: Uint8Array; readonly scanned: ScannedEntry }[] = [];
  /** The instance that entries turn out to be of. */
  joins: string | undefined;
  readonly #events = new EventEmitter();
  #ended = 0;

  opened(call: CapturedCall): number {
    const { vantage, protocol } = call;
    const line = `opened ${vantage.service}/${vantage.instance} ${vantage.direction} ${protocol}`;
    const stream = this.streams.push({ call, messages: [], lines: [line], ends: [] });
    this.#events.emit('event');
    return stream;
  }

  message(stream: number, bytes: Uint8Array, scanned: ScannedMessage): void {
    this.#at(stream).messages.push(Uint8Array.from(bytes));
    this.#at(stream).lines.push(`${PART_NAMES[scanned.part]} ${describe(bytes)}${scanned.endOfStream ? ' END' : ''}`);
    this.#events.emit('event');
  }

  ended(stream: number, reason: EndReason): void {
    if (this.#at(stream).ends.push(reason) === 1) this.#ended += 1;
    this.#at(stream).lines.push(`ended ${reason}`);
    this.#events.emit('event');
  }

  log(source: LogSource, bytes: Uint8Array, scanned: ScannedEntry): string | undefined {
    this.logs.push({ source, bytes: Uint8Array.from(bytes), scanned: { ...scanned } });
    this.#events.emit('event');
    return this.joins;
  }

  /** Resolves as soon as `holds` does; asked again at every event. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.#events, 'event');
  }

  /** Resolves when so many streams have ended. */
  async ends(count: number): Promise<void> {
    await this.until(() => this.#ended >= count);
  }

  #at(stream: number): CapturedStream {
    const found = this.streams[stream - 1];
    if (found === undefined) throw new Error(`There is no stream ${stream}.`);
    return found;
  }
}

function describe(bytes: Uint8Array): string {
  const decoded = decodeMessage(bytes);
  if ('fault' in decoded) return `(${decoded.fault})`;
  if (decoded.body !== undefined)
    return decoded.body.length > 40
      ? `${decoded.body.length} bytes`
      : JSON.stringify(Buffer.from(decoded.body).toString());
  return (decoded.headers ?? []).map(({ name, value }) => `${name}=${value}`).join(' ');
}
