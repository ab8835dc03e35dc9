import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { RecordedPart } from '../recorder/part.ts';
import { HistoryError } from './error.ts';
import type { FromHistoryThread, HistoryConfig } from './messages.ts';
import type { HistoryStats } from './stats.ts';

export type { HistoryStats } from './stats.ts';

export interface HistoryHandlers {
  onPart(part: RecordedPart): void;
  /** About once a second, and once more at the end. */
  onStats(stats: HistoryStats): void;
  /** The thread died by itself: called once. The recorders learn it by themselves, because their ports close. */
  onFailure(error: HistoryError): void;
}

export interface HistoryHandle {
  /** For each recorder, to be handed to its ingest thread. */
  readonly recorders: readonly MessagePort[];
  /** Resolves when every question is answered and the files are gone; the recorders' ends must be closed for that. */
  stopped(): Promise<void>;
}

/** In development Node runs the TypeScript file itself; after a build there is JavaScript in its place. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export interface HistoryPlace {
  /** Of the first recorder; the others' have a number behind it. */
  readonly file: string;
  /** Of all files together. */
  readonly bytes: number;
  /** How many there are; default 1. */
  readonly recorders?: number;
}

/**
 * Starts the history thread. The main thread does, not the ingest thread: neither may take the other along when it dies, and the parts of both
 * go to the main thread. Rejects with HistoryError.
 */
export function startHistory(
  { recorders = 1, ...where }: HistoryPlace,
  handlers: HistoryHandlers,
  entry: URL = WORKER,
): Promise<HistoryHandle> {
  const channels = Array.from({ length: recorders }, () => new MessageChannel());
  const there = channels.map(({ port2 }) => port2);
  const config: HistoryConfig = { ...where, recorders: there };
  const worker = new Worker(entry, { name: 'loop-history', workerData: config, transferList: there });
  const here = channels.map(({ port1 }) => port1);
  return new HistoryThread(worker, here, where.file, handlers).ready;
}

class HistoryThread implements HistoryHandle {
  readonly recorders: readonly MessagePort[];
  readonly ready: Promise<HistoryHandle>;
  readonly #file: string;
  readonly #handlers: HistoryHandlers;
  readonly #settled = Promise.withResolvers<HistoryHandle>();
  readonly #exited = Promise.withResolvers<void>();
  #state: 'starting' | 'ready' | 'over' = 'starting';

  constructor(worker: Worker, recorders: readonly MessagePort[], file: string, handlers: HistoryHandlers) {
    this.recorders = recorders;
    this.ready = this.#settled.promise;
    this.#file = file;
    this.#handlers = handlers;
    worker.on('message', (message: FromHistoryThread) => this.#hear(message));
    worker.on('error', (error) => this.#fail(`The history thread failed: ${describe(error)}`, error));
    worker.on('exit', (code) => {
      if (code !== 0) this.#fail(`The history thread ended by itself with code ${code}.`);
      this.#exited.resolve();
    });
  }

  stopped(): Promise<void> {
    return this.#exited.promise;
  }

  #hear(message: FromHistoryThread): void {
    switch (message.kind) {
      case 'ready':
        this.#state = 'ready';
        return this.#settled.resolve(this);
      case 'refused':
        this.#state = 'over';
        return this.#settled.reject(this.#refused(message.message));
      case 'part':
        return this.#handlers.onPart(message.part);
      case 'stats':
        return this.#handlers.onStats(message.stats);
    }
  }

  #refused(said: string): HistoryError {
    return new HistoryError(
      'no-file',
      `The history ${this.#file} cannot be made: ${said}.`,
      'Leave out recorder.history, or mend what it says.',
    );
  }

  #fail(message: string, cause?: unknown): void {
    const before = this.#state;
    if (before === 'over') return;
    this.#state = 'over';
    const hint = 'Recording goes on with memory alone until loopd is restarted.';
    const error = new HistoryError('thread-failed', message, hint, { cause });
    if (before === 'starting') this.#settled.reject(error);
    else this.#handlers.onFailure(error);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
