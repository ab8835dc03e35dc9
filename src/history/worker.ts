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

async function begin(recorder: MessagePort, index: number): Promise<History> {
  const file = index === 0 ? config.file : `${config.file}-${String(index)}`;
  const history = new History({
    slots: await createHistoryFile(file, SLOT_BYTES),
    bytes: config.bytes / config.recorders.length,
    key: randomBytes(32),
    clock: { now: () => performance.timeOrigin + performance.now() },
    say: (message, transfer) => recorder.postMessage(message, transfer),
    emit: (part) =>
      say({ kind: 'part', part }, part.records.buffer instanceof ArrayBuffer ? [part.records.buffer] : []),
  });
  recorder.on('message', (message: ToHistory) => history.hear(message));
  return history;
}

/** The recorder closes its end when it has asked its last question: everything before that has been heard by then. */
async function served(history: History, recorder: MessagePort): Promise<void> {
  await new Promise((resolve) => recorder.once('close', () => resolve(undefined)));
  await history.stop();
}

function run(histories: readonly History[]): void {
  const tell = (): void => say({ kind: 'stats', stats: unitedStats(histories.map((history) => history.stats())) });
  const timer = setInterval(tell, STATS_EVERY_MS);
  void Promise.all(histories.map((history, index) => served(history, portOf(index)))).then(() => {
    clearInterval(timer);
    tell();
  });
  say({ kind: 'ready' });
}

function portOf(index: number): MessagePort {
  const recorder = config.recorders[index];
  if (recorder === undefined) throw new TypeError('Each history has a recorder.');
  return recorder;
}

try {
  run(await Promise.all(config.recorders.map(begin)));
} catch (error) {
  say({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
  for (const recorder of config.recorders) recorder.close();
}
