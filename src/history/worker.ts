/** The history thread: encryption and a file, which must hold up neither live traffic nor the keeper. A composition root. */
import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { ToHistory } from '../recorder/history.ts';
import { createHistoryFile } from './file.ts';
import type { Slots } from './file.ts';
import { SLOT_BYTES } from './block.ts';
import { History } from './history.ts';
import type { FromHistoryThread, HistoryConfig } from './messages.ts';

const STATS_EVERY_MS = 1000;

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const config = workerData as HistoryConfig;
const say = (message: FromHistoryThread, transfer: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer);

function run(slots: Slots): void {
  const history = new History({
    slots,
    bytes: config.bytes,
    key: randomBytes(32),
    clock: { now: () => performance.timeOrigin + performance.now() },
    say: (message, transfer) => config.recorder.postMessage(message, transfer),
    emit: (part) =>
      say({ kind: 'part', part }, part.records.buffer instanceof ArrayBuffer ? [part.records.buffer] : []),
  });
  const timer = setInterval(() => say({ kind: 'stats', stats: history.stats() }), STATS_EVERY_MS);
  config.recorder.on('message', (message: ToHistory) => history.hear(message));
  // The recorder closes its end when it has asked its last question: everything before that has been heard by then.
  config.recorder.once('close', () => {
    void history.stop().then(() => {
      clearInterval(timer);
      say({ kind: 'stats', stats: history.stats() });
    });
  });
  say({ kind: 'ready' });
}

try {
  run(await createHistoryFile(config.file, SLOT_BYTES));
} catch (error) {
  say({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
  config.recorder.close();
}
