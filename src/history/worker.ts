/** The history thread: encryption and a file, which must hold up neither live traffic nor the keeper. A composition root. */
import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { ToHistory } from '../recorder/history.ts';
import { createHistoryFile } from './file.ts';
import { SLOT_BYTES } from './block.ts';
import { History } from './history.ts';
import type { FromHistoryThread, HistoryConfig } from './messages.ts';
import { unitedStats } from './stats.ts';

const STATS_EVERY_MS = 1000;

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const config = workerData as HistoryConfig;
const say = (message: FromHistoryThread, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

interface Begun {
  readonly history: History;
  /** The recorder has closed its end: also if it did so before the file was there. */
  readonly closed: Promise<void>;
}

async function begin(recorder: MessagePort, index: number): Promise<Begun> {
  const closed = new Promise<void>((resolve) => recorder.once('close', () => resolve()));
  const file = index === 0 ? config.file : `${config.file}-${String(index)}`;
  const history = new History({
    slots: await createHistoryFile(file, SLOT_BYTES),
    bytes: Math.floor(config.bytes / config.recorders.length),
    key: randomBytes(32),
    clock: { now: () => performance.timeOrigin + performance.now() },
    say: (message, transfer) => recorder.postMessage(message, transfer),
    emit: (part) =>
      say({ kind: 'part', part }, part.records.buffer instanceof ArrayBuffer ? [part.records.buffer] : []),
  });
  recorder.on('message', (message: ToHistory) => history.hear(message));
  return { history, closed };
}

/** The recorder closes its end when it has asked its last question: everything before that has been heard by then. */
async function served({ history, closed }: Begun): Promise<void> {
  await closed;
  await history.stop();
}

function run(begun: readonly Begun[]): void {
  const tell = (): void => say({ kind: 'stats', stats: unitedStats(begun.map(({ history }) => history.stats())) });
  const timer = setInterval(tell, STATS_EVERY_MS);
  void Promise.all(begun.map(served)).then(() => {
    clearInterval(timer);
    tell();
  });
  say({ kind: 'ready' });
}

try {
  run(await Promise.all(config.recorders.map(begin)));
} catch (error) {
  say({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
  for (const recorder of config.recorders) recorder.close();
}
