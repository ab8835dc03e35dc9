/**
 * What sockets gave and nobody has looked at yet. Taking bytes from a socket is cheap; what is done with them needs code and tables that have left
 * the processor's caches a few milliseconds later. So sockets are read every few milliseconds (pacing.ts), which is when things came, and what they
 * gave is worked on some milliseconds later, much at once, in the order and with the times of reading. docs/decisions/0012-inbox.md has the figures.
 */
import type { Clock } from '../domain/clock.ts';

/** Somebody's bytes are read later than they came. */
export interface ChunkReader {
  read(chunk: Buffer): void;
}

export interface InboxOptions {
  /** Unix ms of a clock that goes on. */
  readonly now: () => number;
  readonly schedule: (ms: number, run: () => void) => () => void;
  /** Longest time something stays here, ms; 0: all is read at once. */
  readonly holdMs: number;
}

/** Nobody waits for what is found in it, and records bear the time of arrival: so long it may take. Milliseconds. */
export const HOLD_MS = 16;
/** Of all sockets together: one or two milliseconds of work. This thread goes before others, and on a full core they wait for as long. */
const HOLD_BYTES = 64 * 1024;
/** What a chunk holds beside its bytes: a peer may send one at a time. */
const CHUNK_BYTES = 256;
/** Two times that are asked for differ by as much, which a Unix time in milliseconds can still show. */
const STEP_MS = 0.001;

export class Inbox {
  /** The present; while something is read, when it came. Never goes back. */
  readonly clock: Clock = { now: () => this.#time() };
  readonly #options: InboxOptions;
  readonly #read = (): void => this.flush();
  #held: Held[] = [];
  #bytes = 0;
  #reading = false;
  #last = 0;
  #cancel: () => void = () => undefined;

  constructor(options: InboxOptions) {
    this.#options = options;
  }

  /** `urgent`: somebody waits for what it leads to. */
  add(reader: ChunkReader, chunk: Buffer, urgent: boolean): void {
    const { holdMs, now, schedule } = this.#options;
    this.#held.push({ reader, chunk, at: now() });
    this.#bytes += chunk.length + CHUNK_BYTES;
    const isDue = urgent || holdMs === 0 || this.#bytes >= HOLD_BYTES;
    if (isDue && !this.#reading) this.flush();
    else if (this.#held.length === 1) this.#cancel = schedule(holdMs, this.#read);
  }

  /** Reads all that is here. To be called before anything else that a recorder is told on this thread: time does not go back. */
  flush(): void {
    if (this.#held.length === 0 || this.#reading) return;
    this.#cancel();
    this.#reading = true;
    try {
      for (const { reader, chunk, at } of this.#taken()) {
        this.#last = Math.max(this.#last, at);
        reader.read(chunk);
      }
    } finally {
      this.#reading = false;
    }
  }

  #taken(): readonly Held[] {
    const held = this.#held;
    this.#held = [];
    this.#bytes = 0;
    return held;
  }

  #time(): number {
    this.#last = Math.max(this.#last + STEP_MS, this.#reading ? 0 : this.#options.now());
    return this.#last;
  }
}

interface Held {
  readonly reader: ChunkReader;
  readonly chunk: Buffer;
  /** Unix ms. */
  readonly at: number;
}
