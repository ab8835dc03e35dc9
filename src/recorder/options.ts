import type { Clock } from '../domain/clock.ts';
import type { RecorderId, TransactionKey } from '../domain/ids.ts';
import type { CaptureReport } from './capture-order.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import type { Inspection } from './inspection.ts';
import type { HistoryLink } from './history.ts';
import type { RecordedPart } from './part.ts';

/** Calls `run` once, about `ms` milliseconds from now; what it returns cancels that. */
export type Schedule = (ms: number, run: () => void) => () => void;

export interface RecorderOptions extends Partial<RecorderLimits> {
  /** Decides which transactions are given up first; the same in all recorders that see parts of the same ones. Any number. */
  readonly shedSeed?: number;
  /** Of the table of transactions (key-table.ts): a whole number below 2^53 that nobody who sends can know. 0 unless said otherwise. */
  readonly keySeed?: number;
  readonly recorderId: RecorderId;
  /** Streams numbered before the first: 0, but where it is tested that numbers come again (numbering.ts). */
  readonly numbersBefore?: number;
  readonly clock: Clock;
  readonly schedule: Schedule;
  /** Takes over a part and its buffer. Called from within `message`, `ended` and timers: it must return at once. */
  readonly emit: (part: RecordedPart) => void;
  /** What lies behind the ring, where there is anything. */
  readonly history?: HistoryLink;
  /** The same for an exchange whose bodies are to be read; without it no body is. */
  readonly inspect?: (inspection: Inspection) => void;
  /** Takes over what there is to say of captures. */
  readonly sayCaptures?: (report: CaptureReport) => void;
  /** Other recorders may have parts of the same transactions; takes over what they are to be told: request ids that join nothing. */
  readonly tellOthers?: (ids: readonly TransactionKey[]) => void;
  /** By default the built-in ones alone. */
  readonly rules?: RuleSet | undefined;
}

export interface RecorderLimits {
  /** The ring: all bytes of history there are. */
  readonly ringBytes: number;
  /** Records of one transaction held at once; also the conversation bytes that one part may bring along. */
  readonly transactionBytes: number;
  /** Kept of each body, in each direction. */
  readonly bodyBytes: number;
  /** Estimated heap of the index; the longest settled transactions are forgotten first. */
  readonly indexBytes: number;
  /** Records held outside the ring for streams that outlive it. */
  readonly pinnedBytes: number;
  /** A transaction with no open exchange and nothing new for so long is settled. Milliseconds. */
  readonly settleMs: number;
  /**
   * How long a broken-off answer waits for the access log to say who broke it off, and an entry for its exchange. Milliseconds. Only where
   * the instance has sent entries before.
   */
  readonly logWaitMs: number;
  /** Entries held meanwhile. */
  readonly logWaitBytes: number;
  /** A failed transaction that does not come to rest is copied out so often. Milliseconds. */
  readonly maxOpenMs: number;
  /** Other transactions that may come along with one that is kept, their bytes, and the bytes of all such copies in a second. */
  readonly neighbourCount: number;
  readonly neighbourBytes: number;
  readonly neighbourBytesPerSecond: number;
  /** Distinct ambient calls per service, and the bytes of their parts, within ambientMs. */
  readonly ambientPerService: number;
  readonly ambientBytes: number;
  readonly ambientMs: number;
  /** Exemplars per route within exemplarMs; routes that are counted at all. */
  readonly exemplarsPerRoute: number;
  readonly exemplarMs: number;
  readonly routes: number;
  /** Start-up bytes kept of one connection. */
  readonly prologueBytes: number;
  /** A longer body is not searched, and not read on the main thread. */
  readonly inspectionBytes: number;
  /** Copied out to be read, in any second: exchanges, and bytes of their records. */
  readonly inspectionsPerSecond: number;
  readonly inspectionBytesPerSecond: number;
  /** Transactions copied out for a look at their commands, in any second. */
  readonly commandLooksPerSecond: number;
}

const MIB = 1024 * 1024;

const DEFAULT_LIMITS: RecorderLimits = {
  ringBytes: 64 * MIB,
  transactionBytes: 32 * MIB,
  bodyBytes: 8 * MIB,
  indexBytes: 48 * MIB,
  pinnedBytes: 16 * MIB,
  settleMs: 1000,
  logWaitMs: 1500,
  logWaitBytes: 4 * MIB,
  maxOpenMs: 10_000,
  neighbourCount: 256,
  neighbourBytes: MIB,
  neighbourBytesPerSecond: 16 * MIB,
  ambientPerService: 64,
  ambientBytes: 4 * MIB,
  ambientMs: 60_000,
  exemplarsPerRoute: 3,
  exemplarMs: 600_000,
  routes: 1024,
  prologueBytes: 64 * 1024,
  inspectionBytes: 2 * MIB,
  inspectionsPerSecond: 500,
  inspectionBytesPerSecond: 8 * MIB,
  commandLooksPerSecond: 50,
};

export function limitsOf(options: Partial<RecorderLimits>): RecorderLimits {
  const given = Object.entries(options).filter(([name, value]) => name in DEFAULT_LIMITS && value !== undefined);
  return { ...DEFAULT_LIMITS, ...Object.fromEntries(given) };
}
