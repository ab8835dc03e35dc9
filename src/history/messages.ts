/** What crosses between the main thread and the history thread. What the recorder says comes over a port of its own (src/recorder/history.ts). */
import type { MessagePort } from 'node:worker_threads';
import type { RecordedPart } from '../recorder/part.ts';
import type { HistoryStats } from './stats.ts';

export interface HistoryConfig {
  readonly file: string;
  /** Of all histories together. */
  readonly bytes: number;
  /** The other end of each recorder: it has a history of its own, since streams are numbered by recorder. */
  readonly recorders: readonly MessagePort[];
}

export type FromHistoryThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'part'; readonly part: RecordedPart }
  | { readonly kind: 'stats'; readonly stats: HistoryStats };
