/** What a recorder gives up of exchanges while it is overloaded (overload.ts): whole transactions, by their keys, and bodies. */
import type { TransactionKey } from '../domain/ids.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { Part } from '../wire/extproc/scanned.ts';
import { isBodyPart, type NotedFacts } from './facts.ts';
import type { Entry } from './entry.ts';
import { keysOf } from './entry-keys.ts';
import { NOTHING_SHED, type Shed } from './overload.ts';
import { Refusals } from './refusals.ts';
import type { Stream } from './streams.ts';

/** Of a stream. `over`: it was given up, and is kept from here on. */
export const Given = { nothing: 0, bodies: 1, all: 2, over: 3 } as const;
export type Given = (typeof Given)[keyof typeof Given];

/** Counts since start. */
export interface SheddingStats {
  readonly level: Shed['level'];
  readonly share: number;
  /** Exchanges given up, and those of which bodies were. */
  readonly exchanges: number;
  readonly bodies: number;
  /** Exchanges given up that turned out to be wanted: they failed, or belong to what is kept. What came by then is missing. */
  readonly recalled: number;
}

export interface SheddingPort {
  /** An exchange is given up: nobody may conclude from its absence. */
  readonly missed: () => void;
  /** Whether heads are looked at by captures: what they find they want whole. */
  readonly capturesRun: () => boolean;
  /** Of a key, as the index has it. */
  readonly hashOf: (key: TransactionKey) => number;
}

/**
 * What was decided of a transaction holds for so long after its last exchange, also where the index has forgotten it, as it does with those of
 * which nothing is held: half of one would pass for a whole. One that is kept stays in the index for as long as the ring has anything of it.
 */
const REMEMBERED_MS = 60_000;
/** Of keys. Two megabytes and a half a recorder, which are not taken before they are needed. */
const REMEMBERED = 1 << 17;

export class Shedding {
  /** 0 while nothing is given up: all that an exchange costs then is to compare it. */
  level: Shed['level'] = 0;
  readonly #seed: number;
  readonly #port: SheddingPort;
  #share = 0;
  #exchanges = 0;
  #bodies = 0;
  #recalled = 0;
  #givenUp: Refusals | undefined;
  #rememberedUntil = 0;

  /** `seed`: the same in all recorders that see parts of the same transactions. */
  constructor(seed: number, port: SheddingPort) {
    this.#seed = seed;
    this.#port = port;
  }

  order({ level, share }: Shed = NOTHING_SHED): void {
    this.level = level;
    this.#share = share;
  }

  stats(): SheddingStats {
    const { level } = this;
    return {
      level,
      share: this.#share,
      exchanges: this.#exchanges,
      bodies: this.#bodies,
      recalled: this.#recalled,
    };
  }

  /** Whether what begins now has to be asked about. Unix ms. */
  isOn(at: number): boolean {
    return this.level > 0 || at < this.#rememberedUntil;
  }

  /** An exchange has joined its transaction. One that is known is decided: some of it is here, or none is wanted. */
  joined(stream: Stream, at: number): void {
    const { entry } = stream;
    if (entry === undefined) return;
    // Of one stream: it is this one that made it.
    if (entry.streams.size === 1)
      entry.shed = this.#wasGivenUp(entry, at) || (this.level === 2 && this.#gives(entry.firstKey));
    if (entry.shed) this.#remember(entry, at);
    if (isAsked(entry)) return;
    if (entry.shed && !isWanted(stream)) {
      stream.given = Given.all;
      this.#exchanges += 1;
      this.#port.missed();
    } else if (this.level > 0) stream.given = Given.bodies;
  }

  /** An exchange that was given up is wanted from here on. */
  recall(stream: Stream): void {
    stream.given = Given.over;
    this.#recalled += 1;
  }

  /** A message of a stream of which something is given up; true when this is. Its facts are noted already. */
  gives(stream: Stream, { part, valueStart, valueEnd }: ScannedMessage): boolean {
    // End marks are empty bodies: they cost nothing.
    if (stream.given === Given.bodies)
      return isBodyPart(part) && valueEnd > valueStart && !isAsked(stream.entry) && this.#leavesBody(stream);
    if (stream.given !== Given.all) return false;
    if (part === Part.requestHeaders && this.#port.capturesRun()) return false;
    if (!isWanted(stream) && !hasFailedSoFar(stream.facts)) return true;
    this.recall(stream);
    return false;
  }

  #wasGivenUp(entry: Entry, at: number): boolean {
    const known = this.#givenUp;
    if (known === undefined || at >= this.#rememberedUntil) return false;
    if (entry.firstKey !== undefined && known.has(entry.firstHash, at)) return true;
    if (entry.secondKey !== undefined && known.has(entry.secondHash, at)) return true;
    return entry.moreKeys?.some((key) => known.has(this.#port.hashOf(key), at)) === true;
  }

  /** By every key: any of them may be all that a later exchange shows. */
  #remember(entry: Entry, at: number): void {
    this.#rememberedUntil = at + REMEMBERED_MS;
    this.#givenUp ??= new Refusals(REMEMBERED);
    for (const key of keysOf(entry)) this.#givenUp.add(this.#port.hashOf(key), this.#rememberedUntil);
  }

  #leavesBody(stream: Stream): boolean {
    if (stream.shed === undefined) this.#bodies += 1;
    return true;
  }

  /** The shares are nested: what a smaller one takes, a larger one takes, too. */
  #gives(key: TransactionKey | undefined): boolean {
    return key !== undefined && hashOf(key, this.#seed) < this.#share * 2 ** 32;
  }
}

/** Whoever asked for it, a capture or a loop elsewhere, is not to get half of it; nor whoever has the half that was found to belong to it. */
function isWanted({ entry }: Stream): boolean {
  return entry !== undefined && (!entry.shed || isAsked(entry) || entry.captured !== undefined);
}

/** It is kept, or a capture wants it: with its bodies. */
function isAsked(entry: Entry | undefined): boolean {
  return entry !== undefined && (entry.keep || (entry.captured !== undefined && entry.captured.wanted.size > 0));
}

/** By the built-in rules and as far as its heads tell. What fails otherwise is known when it is over. */
function hasFailedSoFar({ status, grpcStatus }: NotedFacts): boolean {
  return (status ?? 0) >= 500 || (grpcStatus ?? 0) !== 0;
}

/** FNV-1a over the key's characters with a seed in front, then mixed so that all bits tell (MurmurHash3's finalizer). A number below 2^32. */
function hashOf(key: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
