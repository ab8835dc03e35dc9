/** The thread of a store: whatever its disk does, only this thread waits for it. A composition root. */
import { parentPort, workerData } from 'node:worker_threads';
import { storageError } from '../errors.ts';
import { openLocalStore } from '../local.ts';
import type { LoopStore } from '../port.ts';
import { METHODS, type FromStore, type StoreConfig, type ToldError, type ToStore } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const { directory, lockWaitMs, at } = workerData as StoreConfig;
const say = (message: FromStore): void => port.postMessage(message);
/** As whoever asks it has it. */
let now = at;
const hiding = new Map<number, (text: string) => void>();
let hidden = 0;

function told(error: unknown): ToldError {
  const { code, message, hint } = storageError(error, 'answering');
  return { code, message, hint };
}

/** By whoever asked: only there it is known what is to be hidden. */
function hide(of: number, text: string): Promise<string> {
  const number = (hidden += 1);
  return new Promise((resolve) => {
    hiding.set(number, resolve);
    say({ kind: 'hide', number, of, text });
  });
}

async function answer(store: LoopStore, { number, method, given }: Extract<ToStore, { kind: 'ask' }>): Promise<void> {
  try {
    if (!Object.hasOwn(METHODS, method)) throw new TypeError(`A store has no ${String(method)}.`);
    const ask = store[method].bind(store) as (...given: readonly unknown[]) => Promise<unknown>;
    const more = method === 'forgetSubject' ? [(text: string) => hide(number, text)] : [];
    say({ kind: 'done', number, value: await ask(...given, ...more) });
  } catch (error) {
    say({ kind: 'failed', number, error: told(error) });
  }
  if (method === 'close') port?.close();
}

try {
  const store = await openLocalStore(directory, {
    clock: { now: () => now },
    ...(lockWaitMs !== undefined && { lockWaitMs }),
  });
  port.on('message', (message: ToStore) => {
    if (message.kind === 'ask') {
      now = message.at;
      return void answer(store, message);
    }
    hiding.get(message.number)?.(message.text);
    hiding.delete(message.number);
  });
  say({ kind: 'open' });
} catch (error) {
  say({ kind: 'refused', error: told(error) });
}
