import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { RecordedPart } from '../recorder/part.ts';
import { HistoryError } from './error.ts';
import type { FromHistoryThread, HistoryConfig } from './messages.ts';
import type { HistoryStats } from './stats.ts';

export interface HistoryHandlers {
  onPart(part: RecordedPart): void;
  /** About once a second, and once more at the end. */
  onStats(stats: HistoryStats): void;
  /** The thread died by itself: called once. The recorder learns it by itself, because its port closes. */
  onFailure(error: HistoryError): void;
}

export interface HistoryHandle {
  /** For the recorder, to be handed to the ingest thread. */
  readonly recorder: MessagePort;
  /** Resolves when every question is answered and the file is gone. The recorder's end must be closed first. */
  stopped(): Promise<void>;
}

/** In development Node runs the TypeScript file itself; after a build there is JavaScript in its place. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/**
 * Starts the history thread. The main thread does, not the ingest thread: whose death must not harm the other, and parts of both go to the main
 * thread. Rejects with HistoryError `no-file`.
 */
export async function startHistory(
  { file, bytes }: { readonly file: string; readonly bytes: number },
  handlers: HistoryHandlers,
): Promise<HistoryHandle> {
  const { port1: recorder, port2 } = new MessageChannel();
  const config: HistoryConfig = { file, bytes, recorder: port2 };
  const worker = new Worker(WORKER, { name: 'loop-history', workerData: config, transferList: [port2] });
  const ready = Promise.withResolvers<void>();
  const exited = Promise.withResolvers<void>();
  let state: 'starting' | 'ready' | 'over' = 'starting';
  const fail = (message: string, cause?: unknown): void => {
    if (state === 'over') return;
    const error = new HistoryError(
      'thread-failed',
      message,
      'What the ring pushes out is lost until loopd is restarted.',
      { cause },
    );
    if (state === 'starting') ready.reject(error);
    else handlers.onFailure(error);
    state = 'over';
  };
  worker.on('message', (message: FromHistoryThread) => {
    if (message.kind === 'part') handlers.onPart(message.part);
    else if (message.kind === 'stats') handlers.onStats(message.stats);
    else if (message.kind === 'refused') {
      state = 'over';
      ready.reject(refused(file, message.message));
    } else {
      state = 'ready';
      ready.resolve();
    }
  });
  worker.on('error', (error) =>
    fail(`The history thread failed: ${error instanceof Error ? error.message : String(error)}`, error),
  );
  worker.on('exit', (code) => {
    if (code !== 0) fail(`The history thread ended by itself with code ${code}.`);
    exited.resolve();
  });
  await ready.promise;
  return { recorder, stopped: () => exited.promise };
}

function refused(file: string, said: string): HistoryError {
  return new HistoryError(
    'no-file',
    `The history ${file} cannot be made: ${said}.`,
    'Leave out recorder.history, or make room there.',
  );
}
