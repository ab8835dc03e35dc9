/** The history behind the ring, as loopd has it: it may be missing or fail, and recording goes on. */
import type { MessagePort } from 'node:worker_threads';
import type { HistoryStats } from '../history/client.ts';
import { startHistory } from '../history/client.ts';
import { HistoryError } from '../history/error.ts';
import type { RecordedPart } from '../recorder/part.ts';

export interface LoopdHistory {
  /** For each ingest thread; none where there is no history. */
  readonly ports: readonly MessagePort[];
  /** The latest numbers; undefined where there is none. */
  stats(): HistoryStats | undefined;
  /** Why it is not whole. */
  trouble(): string | undefined;
  /** Resolves when it has answered everything; the ingest thread is stopped first. */
  stopped(): Promise<void>;
}

export interface LoopdHistoryOptions {
  readonly file: string;
  /** Undefined: none is wanted. */
  readonly bytes: number | undefined;
  readonly recorders: number;
  readonly take: (part: RecordedPart) => void;
  readonly failed: (message: string, hint: string | undefined) => void;
}

/** Never rejects for what the disk or the thread does: that is trouble to be told. */
export async function startLoopdHistory({ take, failed, ...where }: LoopdHistoryOptions): Promise<LoopdHistory> {
  let latest: HistoryStats | undefined;
  let dead: string | undefined;
  const fail = (error: HistoryError): void => {
    dead = error.message;
    latest = undefined;
    failed(error.message, error.hint);
  };
  const handlers = { onPart: take, onStats: (stats: HistoryStats) => (latest = stats), onFailure: fail };
  const handle =
    where.bytes === undefined
      ? undefined
      : await startHistory({ ...where, bytes: where.bytes }, handlers).catch((error: unknown) => {
          if (!(error instanceof HistoryError)) throw error;
          fail(error);
          return undefined;
        });
  return {
    ports: handle?.recorders ?? [],
    stats: () => latest,
    trouble: () => dead ?? latest?.trouble,
    stopped: async () => handle?.stopped(),
  };
}
