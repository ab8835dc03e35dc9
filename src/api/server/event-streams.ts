/** All readers of the events. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../domain/access.ts';
import type { Clock } from '../../domain/clock.ts';
import { ApiError } from '../error.ts';
import type { EventLog } from '../events.ts';
import { eventSeenBy, type SeenOptions } from '../events-seen.ts';
import { EventStream } from './event-stream.ts';

export interface EventsOptions extends SeenOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Calls `run` every `ms` until what it returns is called. */
  readonly every: (ms: number, run: () => void) => () => void;
}

const BEAT_MS = 5_000;
/** Readers at a time; a browser has one per window. */
const MOST_READERS = 200;
/** Of one principal, so that nobody takes the places of all others. */
const MOST_OF_ONE = 20;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
  // Proxies of nginx's kind hold answers back otherwise.
  'x-accel-buffering': 'no',
};

export interface EventReader {
  readonly principal: Principal;
  readonly goesOn: () => boolean;
  /** `after` of the query, where the header Last-Event-ID is not sent. */
  readonly after: number | undefined;
}

export class EventStreams {
  readonly #options: EventsOptions;
  /** With whose they are. */
  readonly #streams = new Map<EventStream, string>();
  readonly #stop: readonly (() => void)[];

  constructor(options: EventsOptions) {
    this.#options = options;
    this.#stop = [
      options.log.listen(() => this.#each((stream) => stream.pump())),
      options.every(BEAT_MS, () => this.#each((stream) => stream.beat())),
    ];
  }

  /** Takes the answer over. Throws ApiError `refused` when there are too many readers. */
  serve(request: FastifyRequest, reply: FastifyReply, { principal, goesOn, after }: EventReader): void {
    const whose = principal.id ?? principal.name;
    this.#requirePlace(whose);
    const { log } = this.#options;
    const last = idOf(request.headers['last-event-id']) ?? after ?? log.newest;
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, HEADERS);
    // A number at once: whoever is cut off before the first event comes back from here.
    raw.write(`id: ${last}\n: hello\n\n`);
    const seen = (event: Parameters<typeof eventSeenBy>[1]) => eventSeenBy(principal, event, this.#options);
    const stream = new EventStream(raw, { ...this.#options, after: last, seen, goesOn });
    this.#streams.set(stream, whose);
    raw.on('close', () => this.#streams.delete(stream));
    raw.on('error', () => raw.destroy());
    stream.pump();
  }

  /** Ends every answer. */
  close(): void {
    for (const stop of this.#stop) stop();
    this.#each((stream) => stream.end());
  }

  #each(act: (stream: EventStream) => void): void {
    for (const stream of this.#streams.keys()) act(stream);
  }

  #requirePlace(whose: string): void {
    const theirs = [...this.#streams.values()].filter((one) => one === whose).length;
    if (theirs >= MOST_OF_ONE)
      throw new ApiError('refused', `You follow the events ${MOST_OF_ONE} times already.`, 'Close a window of it.');
    if (this.#streams.size >= MOST_READERS)
      throw new ApiError('refused', `${MOST_READERS} readers follow the events already.`, 'Close a window of it.');
  }
}

function idOf(header: string | readonly string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
