/**
 * What recorded subscribers were told, given to the replayed ones. A message comes once the publication that it followed has been asked for;
 * one that somebody else published, once the service is as far as it was then.
 */
import type { Command } from '../../../src/domain/conversation.ts';
import type { StreamId } from '../../../src/domain/ids.ts';
import { decodeBackend, type Backend } from '../../../src/wire/redis/backend.ts';
import { frameOf } from '../../../src/wire/redis/framing.ts';
import { decodeFrontend, nameOf } from '../../../src/wire/redis/frontend.ts';
import { fullName } from '../../../src/wire/redis/language/commands.ts';
import { firstStrings } from '../../../src/wire/redis/language/replies.ts';
import type { CommandAnswer } from '../../match/command.ts';
import { handlingOf } from '../../match/redis/synthesised.ts';

export type PushKind = 'message' | 'pmessage' | 'smessage' | 'invalidate';

/** A connection that may be subscribed to something. */
export interface Subscriber {
  /** Which recorded connection it follows. */
  readonly conversation: StreamId | undefined;
  listens(kind: PushKind, name: string): boolean;
  push(message: Backend): void;
}

interface Push {
  readonly conversation: StreamId;
  readonly kind: PushKind;
  /** What was subscribed to: a channel or a pattern. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly at: number;
  /** Of the publication that it followed, when the service published it itself. */
  readonly cause: string | undefined;
}

export class Playback {
  #waiting: Push[];
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
    const publications = own.flatMap(publicationIn);
    this.#times = new Map(own.filter(isData).map(({ id, startedAt }) => [id, startedAt]));
    this.#waiting = own
      .flatMap((command) => pushesOf(command, publications))
      .toSorted((one, other) => one.at - other.at);
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
    const left: Push[] = [];
    const held = new Set<StreamId>();
    for (const push of this.#waiting) {
      const listener = held.has(push.conversation) || !this.#isDue(push) ? undefined : this.#listenerOf(push);
      if (listener !== undefined) this.#give(push, listener);
      else {
        left.push(push);
        held.add(push.conversation);
      }
    }
    this.#waiting = left;
  }

  #give({ bytes }: Push, listener: Subscriber): void {
    const message = decodeBackend(frameOf('server', this.#rewrite(bytes)));
    if (message?.kind === 'array' || message?.kind === 'push') listener.push({ kind: 'push', items: message.items });
  }

  #isDue({ cause, at }: Push): boolean {
    if (cause !== undefined) return this.#served.has(cause) || this.#reached > at;
    return this.#reached >= Math.max(0, ...[...this.#times.values()].filter((time) => time <= at));
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

function isData({ request: [bytes] }: Command): boolean {
  const asked = bytes && decodeFrontend(frameOf('client', bytes));
  return asked !== undefined && handlingOf(fullName(asked)) === 'data';
}

interface Publication {
  readonly id: string;
  readonly channel: string;
  readonly at: number;
}

function publicationIn({ id, request: [bytes], startedAt }: Command): readonly Publication[] {
  const asked = bytes && decodeFrontend(frameOf('client', bytes));
  if (asked === undefined || !/^S?PUBLISH$/.test(nameOf(asked))) return [];
  return [{ id, channel: textOf(asked.args[1]), at: startedAt }];
}

function pushesOf({ conversation, pushed = [] }: Command, publications: readonly Publication[]): readonly Push[] {
  return pushed.flatMap(({ at, bytes }) => {
    const [word, name, second] = firstStrings(bytes, 3).map(textOf);
    if (!isPushKind(word)) return [];
    const channel = word === 'pmessage' ? second : name;
    const cause = publications.findLast((publication) => publication.channel === channel && publication.at <= at)?.id;
    return [{ conversation, kind: word, name: name ?? '', bytes, at, cause }];
  });
}

function isPushKind(word: string | undefined): word is PushKind {
  return word === 'message' || word === 'pmessage' || word === 'smessage' || word === 'invalidate';
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}
