/**
 * What recorded subscribers were told, given to the replayed ones. A message comes once the publication that it followed has been asked for;
 * one that somebody else published, once the service is as far as it was then.
 */
import type { StreamId } from '../../../src/domain/ids.ts';
import { decodeBackend, type Backend } from '../../../src/wire/redis/backend.ts';
import { frameOf } from '../../../src/wire/redis/framing.ts';
import type { CommandAnswer } from '../../match/command.ts';
import { askedIn, heardIn, linesOf, type Line, type Push, type PushKind } from './language/heard.ts';

/** A connection that may be subscribed to something. */
export interface Subscriber {
  /** Which recorded connection it follows. */
  readonly conversation: StreamId | undefined;
  listens(kind: PushKind, name: string): boolean;
  push(message: Backend): void;
}

export class Playback {
  /** Those that are not told to their end. */
  #waiting: readonly Line[];
  readonly #times: ReadonlyMap<string, number>;
  readonly #subscribers = new Set<Subscriber>();
  /** Recorded connections, by the replayed one that hears what they heard. */
  readonly #heardBy = new Map<StreamId, Subscriber>();
  readonly #served = new Set<string>();
  /** When the latest command of those served was asked in the recording, Unix ms. */
  #reached = 0;

  readonly #rewrite: (bytes: Uint8Array) => Uint8Array;

  /** In recorded order. `rewrite`: ids that the service made anew stand in for recorded ones. */
  constructor(answers: readonly CommandAnswer[], rewrite: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) {
    this.#rewrite = rewrite;
    // What steers the connection comes again with every connection: it says nothing of how far the service is.
    const own = answers
      .filter(({ source }) => source !== 'exemplar' && source !== 'ambient')
      .map(({ command }) => command);
    const asked = own.map(askedIn);
    this.#times = new Map(asked.filter(({ isData }) => isData).map(({ id, at }) => [id, at]));
    this.#waiting = linesOf(own.flatMap(heardIn), asked);
  }

  join(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
    for (const [conversation, bound] of this.#heardBy) if (bound === subscriber) this.#heardBy.delete(conversation);
  }

  served(command: string): void {
    if (this.#served.has(command)) return;
    this.#served.add(command);
    this.#reached = Math.max(this.#reached, this.#times.get(command) ?? 0);
  }

  /** Gives out what has become due. Call after the answer that it follows. */
  release(): void {
    for (const line of this.#waiting) this.#tell(line);
    this.#waiting = this.#waiting.filter(({ pushes, next }) => next < pushes.length);
  }

  #tell(line: Line): void {
    for (let push = line.pushes[line.next]; push !== undefined; push = line.pushes[line.next]) {
      const listener = this.#isDue(push) ? this.#listenerOf(push) : undefined;
      if (listener === undefined) return;
      line.next += 1;
      this.#give(push, listener);
    }
  }

  #give({ bytes }: Push, listener: Subscriber): void {
    const message = decodeBackend(frameOf('server', this.#rewrite(bytes)));
    if (message?.kind === 'array' || message?.kind === 'push') listener.push({ kind: 'push', items: message.items });
  }

  /** How far the service is says nothing of what it publishes itself: a later command may have been asked sooner. */
  #isDue({ cause, due }: Push): boolean {
    return cause === undefined ? this.#reached >= due : this.#served.has(cause);
  }

  #listenerOf({ conversation, kind, name }: Push): Subscriber | undefined {
    const bound = this.#heardBy.get(conversation);
    if (bound !== undefined) return bound.listens(kind, name) ? bound : undefined;
    const taken = new Set(this.#heardBy.values());
    const free = [...this.#subscribers].filter((one) => one.listens(kind, name) && !taken.has(one));
    const chosen = free.find((one) => one.conversation === conversation) ?? free[0];
    if (chosen !== undefined) this.#heardBy.set(conversation, chosen);
    return chosen;
  }
}
