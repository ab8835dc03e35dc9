/** Calls into a recorder and what stands behind it, in this process: nothing may throw, hang, grow, or go uncounted. */
import type { EndReason } from '../../../src/domain/segment.ts';
import { parseRecorderId } from '../../../src/domain/ids.ts';
import { createCounters } from '../../../src/ingest/counters.ts';
import { acceptInto } from '../../../src/ingest/session.ts';
import type { AcceptCall, CallReceiver } from '../../../src/ingest/transport.ts';
import type { FateTallies, Tally } from '../../../src/recorder/fates.ts';
import type { RecorderLimits } from '../../../src/recorder/options.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import type { CaptureSink } from '../../../src/recorder/port.ts';
import { Recorder } from '../../../src/recorder/recorder.ts';
import { encodeHeaders } from '../../../src/wire/extproc/headers.ts';
import { recordBytes } from '../../../src/wire/segments/record.ts';
import { requestHeaders, responseBody, responseHeaders } from '../extproc.ts';
import { ManualTime } from '../manual-time.ts';
import { mutateCall } from './calls.ts';
import { ConversationCorpus } from './conversations.ts';
import { Corpus, speaker } from './corpus.ts';
import { Kept, roundTrip } from './kept.ts';
import { Random } from './random.ts';

export interface SinkFuzzOptions {
  readonly seed: number;
  readonly messages: number;
  /** Bends conversations of this protocol instead of anything that Envoy may send; `messages` counts all the same. */
  readonly protocol?: string;
  /** Ends when so many mutations of conversations were made. */
  readonly mutations?: number;
  readonly limits?: Partial<RecorderLimits>;
  /** Told after so many messages each time. */
  readonly every?: number;
  readonly progress?: (report: SinkFuzzReport) => void;
}

export interface SinkFuzzReport {
  readonly messages: number;
  readonly calls: number;
  /** Mutations of real conversations. */
  readonly mutations: number;
  /** By what became of them: `scanned`, `faulty`, parts by purpose. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** What was thrown, by where and what it says, with the first case of each. */
  readonly thrown: Readonly<Record<string, { readonly times: number; readonly first: string }>>;
  readonly fates: FateTallies;
  /** Received by the recorder's count, and by the count of whoever called it. */
  readonly counted: { readonly segments: number; readonly bytes: number };
  readonly exact: boolean;
  /** The longest single steps, ms of this thread: others may share the machine. */
  readonly slowest: Readonly<Record<string, number>>;
  readonly streams: number;
  readonly transactions: number;
  readonly pinnedBytes: number;
  /** Present at the end: what of the run is still known after a lap of other traffic, which has overwritten all of it. */
  readonly left?: Left;
}

interface Left {
  readonly streams: number;
  readonly transactions: number;
  readonly instances: number;
  readonly pinnedBytes: number;
  readonly inFlight: number;
}

const OPEN_CALLS = 64;
/** Every so many parts. */
const DISGUISED = 10;
const WRITTEN = 50;
/** Of a body that overwrites what was before: below every budget. */
const LAP_BYTES = 4096;
const ENDS: readonly EndReason[] = ['closed', 'closed', 'closed', 'cancelled', 'idle', 'shutdown', 'error'];

/** The report of a run whose every call is ended and settled. */
export async function fuzzSink(options: SinkFuzzOptions): Promise<SinkFuzzReport> {
  const run = new Run(options);
  const every = options.every ?? Infinity;
  for (let told = every; run.messages < options.messages && run.mutations < (options.mutations ?? Infinity);) {
    run.step();
    if (run.messages % 1000 === 0) await run.rest();
    if (run.messages < told) continue;
    options.progress?.(run.report());
    told += every;
  }
  await run.finish();
  const report = run.report();
  return { ...report, left: run.lap() };
}

interface OpenCall {
  readonly receiver: CallReceiver;
  readonly messages: readonly Uint8Array[];
  next: number;
}

class Run {
  messages = 0;
  readonly #random: Random;
  readonly #corpus: Corpus;
  readonly #conversations: ConversationCorpus | undefined;
  readonly #time = new ManualTime();
  readonly #counters = createCounters();
  readonly #ringBytes: number;
  readonly #recorder: Recorder;
  readonly #counting: Counting;
  readonly #accept: AcceptCall;
  readonly #kept = new Kept();
  readonly #open: OpenCall[] = [];
  readonly #parts: RecordedPart[] = [];
  readonly #outcomes: Record<string, number> = {};
  readonly #thrown: Record<string, { times: number; first: string }> = {};
  readonly #slowest: Record<string, number> = {};
  readonly #writing: Promise<void>[] = [];
  #calls = 0;
  #taken = 0;

  constructor({ seed, protocol, limits = {} }: SinkFuzzOptions) {
    this.#random = new Random(seed);
    this.#conversations = protocol === undefined ? undefined : new ConversationCorpus(this.#random, protocol);
    this.#corpus = new Corpus(this.#random);
    const recorderId = parseRecorderId('00000000000000aa');
    if (recorderId === undefined) throw new Error('not a recorder id');
    const { schedule } = this.#time;
    const emit = (part: RecordedPart): void => void this.#parts.push(part);
    this.#ringBytes = limits.ringBytes ?? 16 * 1024 * 1024;
    const ringBytes = this.#ringBytes;
    this.#recorder = new Recorder({ ...limits, ringBytes, recorderId, clock: this.#time, schedule, emit });
    this.#counting = new Counting(this.#recorder);
    this.#accept = acceptInto(this.#counting, this.#counters);
  }

  get mutations(): number {
    return this.#conversations?.mutations ?? 0;
  }

  /** One message, or the end of a call. */
  step(): void {
    if (this.#open.length < OPEN_CALLS) this.#begin();
    const index = this.#random.below(this.#open.length);
    const call = this.#open[index];
    const bytes = call?.messages[call.next];
    if (call === undefined) return;
    if (bytes === undefined) {
      this.#open.splice(index, 1);
      this.#end(call);
    } else {
      call.next += 1;
      this.messages += 1;
      // Bytes are valid during the call only: whoever keeps them shows it.
      const lent = bytes.slice();
      this.#guarded('message', bytes, () => this.#note(call.receiver.message(lent)));
      lent.fill(0xee);
    }
    this.#guarded('time', undefined, () => this.#time.advance(this.#pause()));
    this.#takeParts();
  }

  /** Waits for what is written meanwhile. */
  async rest(): Promise<void> {
    await Promise.all(this.#writing.splice(0));
  }

  async finish(): Promise<void> {
    for (const call of this.#open.splice(0)) this.#end(call);
    this.#guarded('time', undefined, () => this.#time.advance(60_000));
    this.#guarded('flush', undefined, () => this.#recorder.flush());
    this.#takeParts();
    await this.rest();
  }

  /** Overwrites the whole ring with exchanges that go well. */
  lap(): Left {
    const messages = [requestHeaders({ ':path': '/' }, { endOfStream: true }), responseHeaders({ ':status': '200' })];
    const body = responseBody(new Uint8Array(LAP_BYTES), { endOfStream: true });
    let calls = 0;
    for (; calls * body.length < 2 * this.#ringBytes; calls++) {
      const receiver = this.#accept('exchange', speaker('lap', 'inbound'), 1);
      for (const bytes of [...messages, body]) receiver.message(bytes);
      receiver.ended('closed');
    }
    this.#time.advance(60_000);
    const { streams, transactions, instances, pinnedBytes, fates } = this.#recorder.stats();
    this.#recorder.close();
    const own = Math.ceil(this.#ringBytes / body.length);
    return {
      streams: Math.max(0, streams - own),
      transactions: Math.max(0, transactions - own),
      instances: instances - 1,
      pinnedBytes,
      inFlight: fates.inFlight.segments,
    };
  }

  report(): SinkFuzzReport {
    const { fates, streams, transactions, pinnedBytes } = this.#recorder.stats();
    const counted = this.#counting.total();
    return {
      messages: this.messages,
      calls: this.#calls,
      mutations: this.mutations,
      outcomes: { ...this.#outcomes, faults: this.#counters.faults, entries: this.#counters.logs.entries },
      thrown: this.#thrown,
      fates,
      counted,
      exact: sums(fates),
      slowest: this.#slowest,
      streams,
      transactions,
      pinnedBytes,
    };
  }

  #begin(): void {
    const { kind, metadata, messages } =
      this.#conversations?.call() ?? mutateCall(this.#corpus.call(), this.#random, this.#corpus.call());
    this.#calls += 1;
    this.#guarded('call', undefined, () => {
      const receiver = this.#accept(kind, metadata, 1);
      this.#open.push({ receiver, messages, next: 0 });
    });
  }

  #end({ receiver }: OpenCall): void {
    const reason = this.#random.pick(ENDS);
    this.#guarded('end', undefined, () => {
      receiver.mayIdle();
      receiver.ended(reason);
      if (this.#random.chance(0.05)) receiver.ended(reason);
    });
  }

  #note(reply: Uint8Array | undefined): void {
    this.#count(reply === undefined ? 'unanswered' : 'answered');
  }

  #pause(): number {
    return this.#random.chance(0.0005) ? 15_000 : this.#random.below(4);
  }

  #takeParts(): void {
    for (const part of this.#parts.splice(0)) {
      this.#taken += 1;
      this.#count(`part ${part.purpose}`);
      this.#guarded('keep', part.records, () => {
        const file = this.#kept.take(part, this.#taken % DISGUISED === 0);
        if (this.#taken % WRITTEN !== 0) return;
        this.#writing.push(roundTrip(file).catch((error: unknown) => this.#caught('write', error, part.records)));
      });
    }
  }

  #guarded(where: string, bytes: Uint8Array | undefined, run: () => void): void {
    const began = process.threadCpuUsage();
    try {
      run();
    } catch (error) {
      this.#caught(where, error, bytes);
    }
    const { user, system } = process.threadCpuUsage(began);
    const took = (user + system) / 1000;
    if (took > (this.#slowest[where] ?? 0)) this.#slowest[where] = Math.round(took * 10) / 10;
  }

  #caught(where: string, error: unknown, bytes: Uint8Array | undefined): void {
    const said =
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error);
    const known = (this.#thrown[`${where}: ${said}`] ??= {
      times: 0,
      first: `message ${this.messages}: ${Buffer.from(bytes ?? [])
        .toString('base64')
        .slice(0, 2000)}`,
    });
    known.times += 1;
  }

  #count(outcome: string): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
  }
}

/** Counts what it passes on, as the recorder should: one segment for each call of it, and one for the end of each stream. */
class Counting implements CaptureSink {
  readonly #sink: CaptureSink;
  #segments = 0;
  #bytes = 0;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  /** With the ends of all streams so far, whether they have come or not. */
  total(): { readonly segments: number; readonly bytes: number } {
    return { segments: this.#segments, bytes: this.#bytes };
  }

  opened(call: Parameters<CaptureSink['opened']>[0]): number {
    this.#add(encodeHeaders(call.metadata));
    this.#add(END_MARK);
    return this.#sink.opened(call);
  }

  message(stream: number, bytes: Uint8Array, scanned: Parameters<CaptureSink['message']>[2]): void {
    this.#add(bytes);
    this.#sink.message(stream, bytes, scanned);
  }

  ended(stream: number, reason: EndReason): void {
    this.#sink.ended(stream, reason);
  }

  log(
    source: Parameters<CaptureSink['log']>[0],
    bytes: Uint8Array,
    scanned: Parameters<CaptureSink['log']>[2],
  ): string | undefined {
    this.#add(bytes);
    return this.#sink.log(source, bytes, scanned);
  }

  #add(payload: Uint8Array): void {
    this.#segments += 1;
    this.#bytes += recordBytes(payload.length);
  }
}

const END_MARK = new Uint8Array(1);

/** What was received has exactly one fate each, in segments and in bytes. */
function sums({ received, ...fates }: FateTallies): boolean {
  return (['segments', 'bytes'] as const).every((unit) => {
    const each = Object.values(fates).map((tally: Tally) => tally[unit]);
    return each.reduce((sum, one) => sum + one, 0) === received[unit] && each.every((one) => one >= 0);
  });
}
