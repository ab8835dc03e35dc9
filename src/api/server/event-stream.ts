/** One reader of the events, as server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../domain/clock.ts';
import type { LoopEvent } from '../contract/results.ts';
import type { EventLog } from '../events.ts';

export interface StreamOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  /** The last number that was read. */
  readonly after: number;
  /** As the reader may see it; undefined: not at all. */
  readonly seen: (event: LoopEvent) => LoopEvent | undefined;
  /** Whether the reader still may. */
  readonly goesOn: () => boolean;
}

/** What a reader does not take for so long is not taken at all. */
const PATIENCE_MS = 60_000;

/**
 * It has a place in the log and no queue: while the socket takes nothing, nothing is written, and a reader that falls out of the log is told
 * `missed`. So a slow one costs what Node and the kernel hold for a socket.
 */
export class EventStream {
  readonly #options: StreamOptions;
  readonly #response: ServerResponse;
  #at: number;
  #stuckSince: number | undefined;

  constructor(response: ServerResponse, options: StreamOptions) {
    this.#response = response;
    this.#options = options;
    this.#at = options.after;
    response.on('drain', () => this.pump());
  }

  /** Writes what there is, as far as it is taken. */
  pump(): void {
    const { log, seen, goesOn } = this.#options;
    if (!goesOn()) return this.end();
    while (!this.#response.writableNeedDrain && !this.#response.writableEnded) {
      const next = log.after(this.#at);
      if (next === undefined) return;
      this.#at = next === 'missed' ? log.newest : next.id;
      const event = next === 'missed' ? ({ kind: 'missed' } as const) : seen(next.event);
      // Also of what is not theirs the number moves on, so that they need not come back for it.
      if (event !== undefined) this.#response.write(textOf(this.#at, event));
    }
  }

  /** A comment: tells proxies and the reader that somebody is here. To be called every few seconds. */
  beat(): void {
    if (!this.#options.goesOn()) return this.end();
    const now = this.#options.clock.now();
    if (!this.#response.writableNeedDrain) {
      this.#stuckSince = undefined;
      this.#response.write(':\n\n');
    } else if (now - (this.#stuckSince ??= now) > PATIENCE_MS) this.#response.destroy();
  }

  /** The reader comes back, if it still may. */
  end(): void {
    this.#response.end();
  }
}

function textOf(id: number, event: LoopEvent): string {
  return `id: ${id}\nevent: ${event.kind}\ndata: ${JSON.stringify(event)}\n\n`;
}
