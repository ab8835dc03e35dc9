import { Worker } from 'node:worker_threads';
import type { Clock } from '../../src/domain/clock.ts';
import { StorageError } from '../errors.ts';
import type { LocalStoreOptions } from '../local.ts';
import type { LoopStore } from '../port.ts';
import { METHODS, type FromStore, type StoreConfig, type ToldError, type ToStore } from './messages.ts';

export interface StoreThreadOptions extends LocalStoreOptions {
  /** The thread died by itself: called once. From then on everything rejects with `io`. */
  readonly died?: (error: StorageError) => void;
}

/** In development Node runs the TypeScript file itself; after a build there is JavaScript in its place. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
/** What a call leaves behind is dead at once; V8 would let it grow to 134 MB. MB. */
const YOUNG_GENERATION = 24;

/**
 * As openLocalStore, on a thread of its own: a disk that is slow, or hangs, holds up whoever waits for an answer and nobody else. Times are
 * those of the calling thread's clock.
 */
export function openStoreThread(directory: string, options: StoreThreadOptions): Promise<LoopStore> {
  return new StoreThread(directory, options).opened;
}

interface Asked {
  readonly done: (value: unknown) => void;
  readonly failed: (error: StorageError) => void;
  readonly hide: ((text: string) => string | Promise<string>) | undefined;
}

class StoreThread {
  readonly opened: Promise<LoopStore>;
  readonly #worker: Worker;
  readonly #clock: Clock;
  readonly #died: StoreThreadOptions['died'];
  readonly #opening = Promise.withResolvers<LoopStore>();
  readonly #asked = new Map<number, Asked>();
  #number = 0;
  #closed: Promise<unknown> | undefined;
  #dead: StorageError | undefined;

  constructor(directory: string, { clock, lockWaitMs, died }: StoreThreadOptions) {
    this.opened = this.#opening.promise;
    this.#clock = clock;
    this.#died = died;
    const workerData: StoreConfig = { directory, at: clock.now(), ...(lockWaitMs !== undefined && { lockWaitMs }) };
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION };
    this.#worker = new Worker(WORKER, { name: 'loop-store', workerData, resourceLimits });
    this.#worker.on('message', (message: FromStore) => this.#hear(message));
    this.#worker.on('error', (error) => this.#fail(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', (code) => this.#fail(`it ended with code ${code}`));
  }

  #store(): LoopStore {
    const methods = Object.keys(METHODS) as readonly (keyof LoopStore)[];
    const asking = methods.map((method) => [method, (...given: readonly unknown[]) => this.#ask(method, given)]);
    return { ...(Object.fromEntries(asking) as LoopStore), close: () => this.#close() };
  }

  #ask(method: keyof LoopStore, given: readonly unknown[]): Promise<unknown> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead);
    if (this.#closed !== undefined && method !== 'close')
      return Promise.reject(new StorageError('io', 'The store is closed.'));
    const number = (this.#number += 1);
    const hide = given.find((one) => typeof one === 'function') as Asked['hide'];
    const plain = given.filter((one) => typeof one !== 'function');
    return new Promise((done, failed) => {
      this.#asked.set(number, { done, failed, hide });
      this.#say({ kind: 'ask', number, at: this.#clock.now(), method, given: plain });
    });
  }

  async #close(): Promise<void> {
    if (this.#dead !== undefined) return;
    this.#closed ??= this.#ask('close', []);
    await this.#closed;
  }

  #say(message: ToStore): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromStore): void {
    switch (message.kind) {
      case 'open':
        return this.#opening.resolve(this.#store());
      case 'refused':
        this.#dead = errorOf(message.error);
        return this.#opening.reject(this.#dead);
      case 'hide':
        return void this.#hide(message);
      case 'done':
        return this.#take(message.number)?.done(message.value);
      case 'failed':
        return this.#take(message.number)?.failed(errorOf(message.error));
    }
  }

  async #hide({ number, of, text }: Extract<FromStore, { kind: 'hide' }>): Promise<void> {
    const hidden = await this.#asked.get(of)?.hide?.(text);
    this.#say({ kind: 'hidden', number, text: hidden ?? '' });
  }

  #take(number: number): Asked | undefined {
    const asked = this.#asked.get(number);
    this.#asked.delete(number);
    return asked;
  }

  /** Also hears of the end that was asked for. */
  #fail(why: string): void {
    const expected = this.#closed !== undefined && this.#asked.size === 0;
    if (expected || this.#dead !== undefined) return;
    const hint = 'Nothing is stored any more: start it again, and report the message.';
    this.#dead = new StorageError('io', `The thread of the store has died: ${why}.`, hint);
    this.#opening.reject(this.#dead);
    for (const { failed } of this.#asked.values()) failed(this.#dead);
    this.#asked.clear();
    this.#died?.(this.#dead);
  }
}

function errorOf({ code, message, hint }: ToldError): StorageError {
  return new StorageError(code, message, hint);
}
