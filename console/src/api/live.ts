import type { LoopEvent } from '../../../src/api/contract/results.ts';
import type { Client } from './client.ts';
import { ApiProblem } from './problem.ts';
import { requestOf } from '../../../src/api/client/call.ts';
import { EventReader } from './sse.ts';

/** `away`: loopd does not answer; it is tried again. `refused`: it does, and will not tell: the session is over. */
export type LiveState = 'off' | 'connecting' | 'live' | 'away' | 'refused';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** Three beats of the server, which says something every five seconds: a connection that died without a word never ends by itself. */
export const SILENT_MS = 15_000;

/**
 * What happens, as it happens: one stream for the whole page. It goes on from the last event it has seen; when that is not to be had, listeners
 * hear `missed` and read their lists again.
 */
export class Live {
  readonly #client: Client;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #listeners = new Set<(event: LoopEvent) => void>();
  readonly #watchers = new Set<(state: LiveState) => void>();
  #ending: AbortController | undefined;
  #state: LiveState = 'off';
  #lastId = '';

  constructor(client: Client, wait: (ms: number, signal: AbortSignal) => Promise<void>) {
    this.#client = client;
    this.#wait = wait;
  }

  get state(): LiveState {
    return this.#state;
  }

  listen(listener: (event: LoopEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(watcher: (state: LiveState) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Until `stop`, or until it is refused. */
  start(): void {
    if (this.#ending !== undefined) return;
    this.#ending = new AbortController();
    void this.#run(this.#ending.signal);
  }

  stop(): void {
    this.#ending?.abort();
    this.#ending = undefined;
    this.#become('off');
  }

  async #run(signal: AbortSignal): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      const refused = await this.#follow(signal, () => (pause = FIRST_PAUSE_MS));
      if (signal.aborted) return;
      this.#become(refused ? 'refused' : 'away');
      if (refused) return this.#end(signal);
      await this.#wait(pause, signal);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  #end(signal: AbortSignal): void {
    if (this.#ending?.signal === signal) this.#ending = undefined;
  }

  /** Resolves when the stream ends: true when trying again is of no use. */
  async #follow(signal: AbortSignal, connected: () => void): Promise<boolean> {
    if (this.#state === 'off') this.#become('connecting');
    const watchdog = new Watchdog(this.#wait);
    const alive = AbortSignal.any([signal, watchdog.silent]);
    const headers: HeadersInit = this.#lastId === '' ? {} : { 'last-event-id': this.#lastId };
    try {
      const response = await this.#client.send(requestOf('events', {}), alive, headers);
      connected();
      this.#become('live');
      // What happened between the reading of a list and the begin of the first stream is in neither.
      if (this.#lastId === '') this.#tell({ kind: 'missed' });
      await this.#read(response, alive, watchdog);
      return false;
    } catch (error) {
      return error instanceof ApiProblem && (error.status === 401 || error.status === 403);
    } finally {
      watchdog.end();
    }
  }

  async #read({ body }: Response, alive: AbortSignal, watchdog: Watchdog): Promise<void> {
    if (body === null) return;
    const reader = new EventReader();
    const pieces = body.pipeThrough(new TextDecoderStream()).getReader();
    alive.addEventListener('abort', () => void pieces.cancel().catch(() => undefined), { once: true });
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return;
      watchdog.heard();
      for (const { data } of reader.read(value)) this.#tell(eventOf(data));
      if (reader.lastId !== '') this.#lastId = reader.lastId;
    }
  }

  #tell(event: LoopEvent | undefined): void {
    if (event !== undefined) for (const listener of this.#listeners) listener(event);
  }

  #become(state: LiveState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher(state);
  }
}

/** Says when nothing was heard for too long. */
class Watchdog {
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #silent = new AbortController();
  #waiting = new AbortController();

  constructor(wait: (ms: number, signal: AbortSignal) => Promise<void>) {
    this.#wait = wait;
    this.heard();
  }

  get silent(): AbortSignal {
    return this.#silent.signal;
  }

  heard(): void {
    this.#waiting.abort();
    const { signal } = (this.#waiting = new AbortController());
    void this.#wait(SILENT_MS, signal).then(() => signal.aborted || this.#silent.abort());
  }

  end(): void {
    this.#waiting.abort();
  }
}

function eventOf(data: string): LoopEvent | undefined {
  try {
    return JSON.parse(data) as LoopEvent;
  } catch {
    return undefined;
  }
}
