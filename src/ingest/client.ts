import { Worker } from 'node:worker_threads';
import type { RecorderId, TransactionKey } from '../domain/ids.ts';
import type { BrakedCount, BrakeOrder } from '../recorder/brake.ts';
import type { ElsewhereOrder } from '../recorder/elsewhere-order.ts';
import type { Inspection, InspectionAnswer } from '../recorder/inspection.ts';
import type { CaptureOrder, CaptureReport, WalkOrder } from '../recorder/capture-order.ts';
import type { Shed } from '../recorder/overload.ts';
import type { RecordedPart } from '../recorder/part.ts';
import { IngestError } from './error.ts';
import { partBytes } from './handover.ts';
import type { FromIngest, IngestConfig, IngestStats, ToIngest, WrittenRules } from './messages.ts';
import type { ListenAddress } from './transport.ts';

export type { IngestConfig, IngestStats } from './messages.ts';

export interface IngestHandlers {
  onPart(part: RecordedPart): void;
  /** To be answered with `inspected`; its transaction is no exemplar before. */
  onInspection(inspection: Inspection): void;
  /** About once a second, and once more when it stops. */
  onStats(stats: IngestStats): void;
  /** Failed transactions that the brake had only counted: what came since the last time. */
  onBraked?(counts: readonly BrakedCount[]): void;
  /** Request ids that join nothing any more: for other recorders. */
  onAmbiguous?(ids: readonly TransactionKey[]): void;
  /** It has more to do than it can, or no longer: what it gives up from now on. */
  onOverload?(shed: Shed): void;
  /** What the recorder has to say of running captures. */
  onCaptures?(report: CaptureReport): void;
  /** The thread died by itself: called once, and nothing else is called after it. */
  onFailure(error: IngestError): void;
}

export interface IngestHandle {
  /** In the order they were asked for, with the ports really bound. */
  readonly addresses: readonly ListenAddress[];
  keep(transaction: TransactionKey): void;
  inspected(answer: InspectionAnswer): void;
  /** For exchanges that begin from now on. */
  rules(rules: WrittenRules): void;
  brake(order: BrakeOrder): void;
  captures(order: CaptureOrder | WalkOrder): void;
  /** Ends open calls, hands over every part that is to be kept, then ends the thread. Idempotent; resolves also after a failure. */
  stop(): Promise<void>;
}

/** One thread of them. */
export interface IngestThreadHandle extends IngestHandle {
  readonly recorder: RecorderId;
  elsewhere(order: ElsewhereOrder): void;
  /** What another worker has to give up. */
  shed(shed: Shed): void;
  /** Instances (Instance.key) that another worker hears too. */
  split(instances: readonly string[]): void;
}

/** In development Node runs the TypeScript file itself; after a build there is JavaScript in its place. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * V8 lets a thread's young generation grow to 134 MB on a machine with room, and never gives it back; what a message leaves behind is dead
 * within milliseconds. At 280 exchanges a second loopd stood at 490 MB resident without this limit. MB.
 */
const YOUNG_GENERATION = 24;

/** Starts the ingest thread. Rejects with IngestError: `listen-failed` for an address it cannot have, `thread-failed` when it does not come up. */
export function startIngest(
  config: IngestConfig,
  handlers: IngestHandlers,
  entry: URL = WORKER,
): Promise<IngestThreadHandle> {
  return new Promise((resolve, reject) => {
    const thread = new IngestThread(createWorker(entry, config), handlers);
    thread.listening.then(resolve, reject);
  });
}

function createWorker(entry: URL, config: IngestConfig): Worker {
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION };
  const transferList = config.history === undefined ? [] : [config.history];
  return new Worker(entry, { name: 'loop-ingest', workerData: config, transferList, resourceLimits });
}

class IngestThread implements IngestThreadHandle {
  addresses: readonly ListenAddress[] = [];
  readonly listening: Promise<IngestThreadHandle>;
  readonly #worker: Worker;
  readonly #handlers: IngestHandlers;
  readonly #settled = Promise.withResolvers<IngestThreadHandle>();
  readonly #exited = Promise.withResolvers<void>();
  #recorder: RecorderId | undefined;
  #state: 'starting' | 'listening' | 'stopping' | 'over' = 'starting';

  constructor(worker: Worker, handlers: IngestHandlers) {
    this.#worker = worker;
    this.#handlers = handlers;
    this.listening = this.#settled.promise;
    worker.on('message', (message: FromIngest) => this.#hear(message));
    worker.on('error', (error) => this.#fail(`The ingest thread failed: ${describe(error)}`, error));
    worker.on('exit', (code) => {
      this.#fail(`The ingest thread ended by itself with code ${code}.`);
      this.#exited.resolve();
    });
  }

  get recorder(): RecorderId {
    if (this.#recorder === undefined) throw new TypeError('It does not listen yet.');
    return this.#recorder;
  }

  split(instances: readonly string[]): void {
    this.#say({ kind: 'split', instances });
  }

  shed(shed: Shed): void {
    this.#say({ kind: 'shed', shed });
  }

  elsewhere(order: ElsewhereOrder): void {
    this.#say(order);
  }

  keep(transaction: TransactionKey): void {
    this.#say({ kind: 'keep', transaction });
  }

  brake(order: BrakeOrder): void {
    this.#say(order);
  }

  captures(order: CaptureOrder | WalkOrder): void {
    this.#say(order);
  }

  rules(rules: WrittenRules): void {
    this.#say({ kind: 'rules', rules });
  }

  inspected(answer: InspectionAnswer): void {
    this.#say({ kind: 'inspected', answer });
  }

  stop(): Promise<void> {
    if (this.#state === 'listening') {
      this.#state = 'stopping';
      this.#say({ kind: 'stop' });
    }
    return this.#exited.promise;
  }

  #say(message: ToIngest): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromIngest): void {
    switch (message.kind) {
      case 'listening':
        this.#state = 'listening';
        this.addresses = message.addresses;
        this.#recorder = message.recorder;
        return this.#settled.resolve(this);
      case 'refused':
        this.#state = 'over';
        return this.#settled.reject(new IngestError(message.code, message.message, message.hint));
      case 'part':
        return this.#takePart(message.part);
      case 'inspection':
        return this.#handlers.onInspection(message.inspection);
      case 'stats':
        return this.#handlers.onStats(message.stats);
      case 'captures':
        return this.#handlers.onCaptures?.(message.report);
      case 'overload':
        return this.#handlers.onOverload?.(message.shed);
      case 'ambiguous':
        return this.#handlers.onAmbiguous?.(message.ids);
      case 'braked':
        return this.#handlers.onBraked?.(message.counts);
      case 'stopped':
        this.#state = 'over';
        return;
    }
  }

  #takePart(part: RecordedPart): void {
    // Before it goes elsewhere: what is sent on is not here any more.
    const bytes = partBytes(part);
    this.#handlers.onPart(part);
    this.#say({ kind: 'taken', bytes });
  }

  /** Also hears of ends that were asked for: those are none of a failure. */
  #fail(message: string, cause?: unknown): void {
    const before = this.#state;
    if (before === 'over') return;
    this.#state = 'over';
    const error = new IngestError(
      'thread-failed',
      message,
      'Nothing is recorded any more: start it again, and report the message.',
      { cause },
    );
    if (before === 'starting') this.#settled.reject(error);
    else this.#handlers.onFailure(error);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
