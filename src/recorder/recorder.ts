import type { TransactionKey } from '../domain/ids.ts';
import { keyOfStream, streamId } from '../domain/ids.ts';
import type { EndReason } from '../domain/segment.ts';
import { encodeHeaders } from '../wire/extproc/headers.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { Checkpoints } from './checkpoints.ts';
import { Conversations } from './conversations.ts';
import { copyOut } from './copyout.ts';
import { Exchanges } from './exchanges.ts';
import { Holding } from './holding.ts';
import { Intake } from './intake.ts';
import type { RecorderOptions } from './options.ts';
import { limitsOf } from './options.ts';
import { PartWriter } from './parts.ts';
import type { CaptureSink, CapturedCall, RecorderControl } from './port.ts';
import { Ranges } from './ranges.ts';
import { Registry } from './registry.ts';
import { Samples } from './samples.ts';
import { Settlement } from './settlement.ts';
import type { RecorderStats } from './stats.ts';

/**
 * Records what ingest hands it, and hands on what is to be kept. Lives on the ingest thread: no I/O, no waiting, no exceptions.
 * One instance per ingest thread; they share nothing.
 */
export class Recorder implements CaptureSink, RecorderControl {
  readonly #options: RecorderOptions;
  readonly #registry: Registry;
  readonly #holding: Holding;
  readonly #settlement: Settlement;
  readonly #exchanges: Exchanges;
  readonly #conversations: Conversations;
  readonly #parts: PartWriter;

  constructor(options: RecorderOptions) {
    const { clock, schedule, recorderId, emit } = options;
    const limits = limitsOf(options);
    const registry = new Registry(limits.indexBytes);
    const holding = new Holding(limits.ringBytes, limits.pinnedBytes, registry);
    const intake = new Intake(holding);
    const checkpoints = new Checkpoints(holding.ring);
    const parts = new PartWriter(holding, recorderId, emit);
    const ranges = new Ranges(holding, checkpoints, limits.transactionBytes);
    const samples = new Samples({
      holding,
      ranges,
      parts,
      clock,
      limits,
      keyOf: (stream) => keyOfStream(streamId(recorderId, stream.number)),
    });
    const settlement = new Settlement({
      ...{ holding, registry, clock, schedule, limits },
      copyOut: (entry) => copyOut(entry, { holding, ranges, parts }),
      wentWell: (entry) => samples.wentWell(entry),
    });
    registry.attach(holding, settlement);
    this.#options = options;
    this.#registry = registry;
    this.#holding = holding;
    this.#parts = parts;
    this.#settlement = settlement;
    this.#exchanges = new Exchanges({
      ...{ intake, holding, settlement, limits, transactions: registry.transactions },
      ownKey: (stream) => keyOfStream(streamId(recorderId, stream.number)),
      inboundOpens: (instance) => samples.prologuesOf(instance),
    });
    this.#conversations = new Conversations(intake, checkpoints, limits.prologueBytes, (stream) =>
      samples.prologue(stream),
    );
  }

  opened(call: CapturedCall): number {
    const at = this.#options.clock.now();
    const payload = encodeHeaders(call.metadata);
    const { number, stream } = this.#registry.open(call, at);
    if (stream === undefined) this.#holding.shed(payload.length);
    else if (stream.conversation === undefined) this.#exchanges.opened(stream, payload, at);
    else this.#conversations.opened(stream, stream.conversation, payload, at);
    return number;
  }

  message(number: number, bytes: Uint8Array, scanned: ScannedMessage): void {
    const stream = this.#registry.find(number);
    if (stream === undefined) return this.#holding.shed(bytes.length);
    const at = this.#options.clock.now();
    if (stream.conversation === undefined) this.#exchanges.message(stream, bytes, scanned, at);
    else this.#conversations.message(stream, stream.conversation, bytes, scanned, at);
  }

  /** Repeats, and the end of a stream that is not known, are harmless. */
  ended(number: number, reason: EndReason): void {
    const stream = this.#registry.find(number);
    if (stream === undefined || stream.done) return;
    const at = this.#options.clock.now();
    if (stream.conversation === undefined) this.#exchanges.ended(stream, reason, at);
    else this.#conversations.ended(stream, stream.conversation, reason, at);
    this.#registry.done(stream);
  }

  /** A transaction that is not known (any more) is ignored: it may be another sink's. */
  keep(transaction: TransactionKey): void {
    const entry = this.#registry.transactions.find(transaction);
    if (entry !== undefined) this.#settlement.keep(entry, this.#options.clock.now());
  }

  flush(): void {
    this.#settlement.flush();
  }

  /** Stops the timer; what is kept and not flushed stays where it is. */
  close(): void {
    this.#settlement.close();
  }

  stats(): RecorderStats {
    const { oldestAt } = this.#holding.ring;
    return {
      fates: this.#holding.fates.tallies(),
      historySeconds: oldestAt === undefined ? 0 : Math.max(0, this.#options.clock.now() - oldestAt) / 1000,
      transactions: this.#registry.transactions.size,
      streams: this.#registry.size,
      indexBytes: this.#registry.bytes,
      pinnedBytes: this.#holding.pinnedBytes,
      keptTransactions: this.#settlement.kept,
      tossedTransactions: this.#settlement.tossed,
      forgottenTransactions: this.#registry.forgotten,
      parts: this.#parts.sent,
    };
  }
}
