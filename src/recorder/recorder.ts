import type { Clock } from '../domain/clock.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { EndReason } from '../domain/segment.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import { encodeHeaders } from '../wire/extproc/headers.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import type { Brake, BrakedCount, BrakeOrder } from './brake.ts';
import type { CaptureOrder, WalkOrder } from './capture-order.ts';
import type { Capturing } from './capturing.ts';
import { compose } from './composition.ts';
import type { ScannedEntry } from '../wire/accesslog/scanned.ts';
import type { CommandLooks } from './command-looks.ts';
import type { Conversations } from './conversations.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { ElsewhereOrder } from './elsewhere-order.ts';
import type { Exchanges } from './exchanges.ts';
import type { FromHistory } from './history.ts';
import type { Holding } from './holding.ts';
import type { LookBack } from './look-back.ts';
import type { InspectionAnswer } from './inspection.ts';
import type { Inspections } from './inspections.ts';
import type { Judging } from './judging.ts';
import type { Logs } from './logs.ts';
import type { RecorderOptions } from './options.ts';
import type { Neighbours } from './neighbours.ts';
import type { PartWriter } from './parts.ts';
import type { CaptureSink, CapturedCall, LogSource, RecorderControl } from './port.ts';
import type { Registry } from './registry.ts';
import type { Settlement } from './settlement.ts';
import type { Shed } from './overload.ts';
import type { Shedding } from './shedding.ts';
import type { RecorderStats } from './stats.ts';
import type { Unrecorded } from './unrecorded.ts';

/**
 * Records what ingest hands it, and hands on what is to be kept. Lives on the ingest thread: no I/O, no waiting, no exceptions.
 * One instance per ingest thread; they share nothing.
 */
export class Recorder implements CaptureSink, RecorderControl {
  readonly #clock: Clock;
  readonly #registry: Registry;
  readonly #holding: Holding;
  readonly #settlement: Settlement;
  readonly #neighbours: Neighbours;
  readonly #brake: Brake;
  readonly #elsewhere: Elsewhere | undefined;
  readonly #exchanges: Exchanges;
  readonly #conversations: Conversations;
  readonly #logs: Logs;
  readonly #unrecorded: Unrecorded;
  readonly #capturing: Capturing;
  readonly #lookBack: LookBack | undefined;
  readonly #parts: PartWriter;
  readonly #inspections: Inspections;
  readonly #commandLooks: CommandLooks;
  readonly #judging: Judging;
  readonly #shedding: Shedding;

  constructor(options: RecorderOptions) {
    const {
      neighbours,
      registry,
      holding,
      settlement,
      brake,
      elsewhere,
      exchanges,
      conversations,
      logs,
      unrecorded,
      capturing,
      lookBack,
      parts,
      inspections,
      commandLooks,
      judging,
      shedding,
    } = compose(options);
    this.#clock = options.clock;
    this.#registry = registry;
    this.#holding = holding;
    this.#settlement = settlement;
    this.#neighbours = neighbours;
    this.#brake = brake;
    this.#elsewhere = elsewhere;
    this.#exchanges = exchanges;
    this.#conversations = conversations;
    this.#logs = logs;
    this.#unrecorded = unrecorded;
    this.#capturing = capturing;
    this.#lookBack = lookBack;
    this.#parts = parts;
    this.#inspections = inspections;
    this.#commandLooks = commandLooks;
    this.#judging = judging;
    this.#shedding = shedding;
  }

  opened(call: CapturedCall): number {
    const at = this.#clock.now();
    const payload = call.encoded ?? encodeHeaders(call.metadata);
    const { number, stream } = this.#registry.open(call, at);
    if (stream === undefined) this.#missed(payload.length);
    else if (stream.conversation === undefined) this.#exchanges.opened(stream, payload, at);
    else this.#conversations.opened(stream, stream.conversation, payload, at);
    return number;
  }

  #missed(bytes: number): void {
    this.#holding.shed(bytes);
    this.#neighbours.missed();
  }

  message(number: number, bytes: Uint8Array, scanned: ScannedMessage): void {
    const stream = this.#registry.find(number);
    if (stream === undefined) return this.#holding.shed(bytes.length);
    const at = this.#clock.now();
    if (stream.conversation === undefined) this.#exchanges.message(stream, bytes, scanned, at);
    else this.#conversations.message(stream, stream.conversation, bytes, scanned, at);
    if (stream.logKey === undefined && !stream.attempt) this.#logs.seen(stream, bytes, scanned, at);
    if (stream.conversation === undefined) this.#capturing.seen(stream, bytes, scanned, at);
  }

  /** Repeats, and the end of a stream that is not known, are harmless. */
  ended(number: number, reason: EndReason): void {
    const stream = this.#registry.find(number);
    if (stream === undefined) return this.#registry.endedUnknown(number);
    if (stream.done) return;
    const at = this.#clock.now();
    if (stream.conversation === undefined) this.#exchanges.ended(stream, reason, at);
    else this.#conversations.ended(stream, stream.conversation, reason, at);
    this.#registry.done(stream);
  }

  log(source: LogSource, bytes: Uint8Array, scanned: ScannedEntry): string | undefined {
    return this.#logs.entry(source, bytes, scanned, this.#clock.now());
  }

  /** A transaction that is not known (any more) is ignored: it may be another sink's. */
  keep(transaction: TransactionKey): void {
    const entry = this.#registry.transactions.find(transaction);
    if (entry !== undefined) this.#settlement.keep(entry, this.#clock.now());
    else this.#lookBack?.forOrder(transaction);
  }

  /** Whether nothing is to be handed out for now, because whoever takes it does not keep up: what is kept stays in the ring, as far as that reaches. */
  holdBack(hold: boolean): void {
    this.#settlement.holdBack(hold);
  }

  /** Transactions to be kept that age took something of meanwhile. */
  get lostWhileHeld(): number {
    return this.#settlement.lostWhileHeld;
  }

  /** Whether something is told by the order in which messages of different connections come: then they should be read soon. `at`: Unix ms. */
  orderMatters(at: number): boolean {
    return this.#neighbours.orderMatters(at);
  }

  /** What other recorders have found. */
  elsewhere(order: ElsewhereOrder): void {
    this.#elsewhere?.order(order, this.#clock.now());
  }

  /** What is to be given up from now on. */
  shed(shed: Shed): void {
    this.#shedding.order(shed);
  }

  brake(order: BrakeOrder): void {
    this.#brake.order(order, this.#clock.now());
  }

  /** What the brake has counted since the last time asked. */
  takeBraked(): readonly BrakedCount[] {
    return this.#brake.take();
  }

  /** Which captures run, and what is to be looked for in the ring. */
  captures(order: CaptureOrder | WalkOrder): void {
    this.#capturing.order(order);
  }

  /** Another recorder hears these instances (Instance.key) too: whose a command is, is not certain there. */
  split(instances: readonly string[]): void {
    this.#registry.split(instances);
  }

  rules(set: RuleSet): void {
    this.#judging.use(set);
  }

  inspected(answer: InspectionAnswer): void {
    this.#inspections.answered(answer);
  }

  /** Resolves once every exchange that was handed out to be read has an answer. */
  answered(): Promise<void> {
    return this.#inspections.idle();
  }

  /** What the history behind the ring says. */
  hear(message: FromHistory): void {
    this.#lookBack?.spill.hear(message);
  }

  /** Resolves when no question to the history behind the ring is open. */
  async lookedBack(): Promise<void> {
    await this.#lookBack?.spill.idle();
  }

  /** The history behind the ring is gone: nothing is asked of it any more, and what it had counts as overwritten. */
  historyGone(): void {
    this.#lookBack?.spill.close();
  }

  flush(): void {
    this.#logs.flush();
    this.#settlement.flush();
    this.#lookBack?.spill.flush();
  }

  /** Stops the timer; what is kept and not flushed stays where it is. */
  close(): void {
    this.#logs.close();
    this.#unrecorded.close();
    this.#capturing.close();
    this.#settlement.close();
  }

  stats(): RecorderStats {
    const { oldestAt } = this.#holding.ring;
    return {
      fates: this.#holding.fates.tallies(),
      historySeconds: oldestAt === undefined ? 0 : Math.max(0, this.#clock.now() - oldestAt) / 1000,
      instances: this.#registry.instances,
      sidecars: this.#registry.sidecars,
      transactions: this.#registry.transactions.size,
      streams: this.#registry.size,
      indexBytes: this.#registry.bytes,
      pinnedBytes: this.#holding.pinnedBytes,
      shedding: this.#shedding.stats(),
      logs: { joined: this.#logs.joined, alone: this.#logs.alone, waiting: this.#logs.waiting },
      keptTransactions: this.#settlement.kept,
      tossedTransactions: this.#settlement.tossed,
      brake: {
        counted: this.#settlement.counted,
        probes: this.#brake.probes,
        signatures: this.#brake.signatures,
      },
      forgottenTransactions: this.#registry.forgotten,
      inspections: this.#inspections.stats(),
      commandLooks: this.#commandLooks.stats(),
      parts: this.#parts.sent,
      ...(this.#lookBack && { spill: this.#lookBack.spill.stats() }),
    };
  }
}
