import type { Header, Vantage } from '../domain/exchange.ts';
import { header } from '../domain/exchange.ts';
import type { CaptureSink, LogSource } from '../recorder/port.ts';
import { readLogMessage } from '../wire/accesslog/message.ts';
import { createScannedEntry, scanEntry } from '../wire/accesslog/scan.ts';
import type { ScannedEntry } from '../wire/accesslog/scanned.ts';
import { speakerOf } from '../wire/extproc/speaker.ts';
import type { IngestCounters } from './counters.ts';
import type { CallReceiver } from './transport.ts';

/** Turns calls of access loggers into entries. All of one thread share the object entries are scanned into. */
export function acceptLog(sink: CaptureSink, counters: IngestCounters): (metadata: readonly Header[]) => CallReceiver {
  const scanned = createScannedEntry();
  return (metadata) => new LogSession(metadata, sink, counters, scanned);
}

class LogSession implements CallReceiver {
  readonly #metadata: readonly Header[];
  readonly #sink: CaptureSink;
  readonly #counters: IngestCounters;
  readonly #scanned: ScannedEntry;
  #source: LogSource;

  constructor(metadata: readonly Header[], sink: CaptureSink, counters: IngestCounters, scanned: ScannedEntry) {
    this.#metadata = asWritten(metadata);
    this.#sink = sink;
    this.#counters = counters;
    this.#scanned = scanned;
    this.#source = sourceOf(this.#metadata, {});
  }

  message(bytes: Uint8Array): undefined {
    const message = readLogMessage(bytes);
    if ('fault' in message) {
      this.#counters.faults += 1;
      return undefined;
    }
    const { node } = message;
    if (node !== undefined)
      this.#source = sourceOf(this.#metadata, { 'xds.node.cluster': node.cluster, 'xds.node.id': node.id });
    for (const { start, end } of message.entries) this.#entry(bytes.subarray(start, end));
    return undefined;
  }

  /** Nobody called anything for a while. Envoy would open another call for its next entry, but this one costs nothing. */
  mayIdle(): boolean {
    return true;
  }

  ended(): void {
    // What was said is said.
  }

  #entry(bytes: Uint8Array): void {
    this.#counters.logs.entries += 1;
    const scanned = scanEntry(bytes, this.#scanned);
    if ('fault' in scanned) {
      this.#counters.faults += 1;
      return;
    }
    const instance = this.#sink.log(this.#source, bytes, scanned);
    if (instance !== undefined && !this.#source.certain) this.#learn(instance);
  }

  /** A call is one Envoy's, and so one instance's. */
  #learn(instance: string): void {
    this.#source = { ...this.#source, vantage: { ...this.#source.vantage, instance }, certain: true };
  }
}

/** Envoy fills in nothing here, as it does for exchanges: a doubled percent sign stays doubled, and what reads like a format is one. */
function asWritten(metadata: readonly Header[]): readonly Header[] {
  return metadata
    .map(({ name, value }) => ({ name, value: value.replaceAll('%%', '%') }))
    .filter(({ name, value }) => name !== 'x-loop-instance' || !/^%[A-Z_]+(?:\(.*\))?%$/.test(value));
}

function sourceOf(metadata: readonly Header[], attributes: Readonly<Record<string, string>>): LogSource {
  const { vantage, protocol }: { vantage: Vantage; protocol: string } = speakerOf(metadata, attributes);
  return { vantage, protocol, certain: header(metadata, 'x-loop-instance') !== undefined };
}
