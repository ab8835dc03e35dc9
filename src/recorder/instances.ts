import { forgetOldest } from '../domain/bounded.ts';
import type { Vantage } from '../domain/exchange.ts';
import type { SeenExchanges } from './orphans.ts';
import type { Stream } from './streams.ts';

/** One running copy of a service: what its open inbound exchanges and its connections have in common. */
export interface Instance {
  readonly key: string;
  readonly service: string;
  readonly instance: string;
  sidecar: Sidecar;
  /** Inbound exchanges whose answer is not whole yet; upgrades and event streams do not count. */
  openInbound: number;
  /** Sum of their stream numbers: with exactly one open, its number. */
  openNumbers: number;
  /** Connections of which anything is held. */
  readonly conversations: Set<Stream>;
  /** Those of them that began before any inbound exchange, until the first one opens. */
  readonly gathering: Set<Stream>;
  /** Part of what it sends goes elsewhere: nobody here knows for sure which exchanges are open. */
  unsure: boolean;
  /** Errors that databases have answered it with so far, over all its connections. */
  errors: number;
  /** Streams that refer to it. */
  references: number;
  /** Its exchanges, newest last (orphans.ts). */
  seen: SeenExchanges | undefined;
}

/** The one inbound exchange that is surely open, or 0. */
export function ownerAt(instance: Instance): number {
  return instance.openInbound === 1 && !instance.unsure ? instance.openNumbers : 0;
}

/** A sidecar that has sent something: a plain value, for people. */
export interface SeenSidecar {
  readonly service: string;
  readonly instance: string;
  /** Unix ms of its newest call. */
  readonly lastSeenAt: number;
}

interface Sidecar extends SeenSidecar {
  lastSeenAt: number;
  /** Not forgotten yet. */
  listed: boolean;
}

const UNSEEN: Sidecar = { service: '', instance: '', lastSeenAt: 0, listed: false };

/** The newest ones; a service that is deployed again has new instances. */
const MOST_SIDECARS = 500;

/** Instances exist as long as a stream refers to them. */
export class Instances {
  /** By service, then by instance: no text is made of the two for each exchange. */
  readonly #instances = new Map<string, Map<string, Instance>>();
  #size = 0;
  /** By Instance.key, known at the moment or not. */
  readonly #unsure = new Set<string>();
  readonly #sidecars = new Map<string, Sidecar>();

  acquire(vantage: Vantage, at: number): Instance {
    const instance = this.#instances.get(vantage.service)?.get(vantage.instance) ?? this.#create(vantage);
    // A connection that was found late began long ago.
    if (instance.sidecar.listed) instance.sidecar.lastSeenAt = Math.max(instance.sidecar.lastSeenAt, at);
    else instance.sidecar = this.#see(instance.key, vantage, at);
    instance.references += 1;
    return instance;
  }

  #create(vantage: Vantage): Instance {
    const key = `${vantage.service}\0${vantage.instance}`;
    const instance: Instance = {
      key,
      service: vantage.service,
      instance: vantage.instance,
      sidecar: this.#sidecars.get(key) ?? UNSEEN,
      openInbound: 0,
      openNumbers: 0,
      conversations: new Set(),
      gathering: new Set(),
      unsure: this.#unsure.has(key),
      errors: 0,
      references: 0,
      seen: undefined,
    };
    const ofService = this.#instances.get(vantage.service) ?? new Map<string, Instance>();
    this.#instances.set(vantage.service, ofService.set(vantage.instance, instance));
    this.#size += 1;
    return instance;
  }

  release(instance: Instance): void {
    instance.references -= 1;
    if (instance.references > 0) return;
    const ofService = this.#instances.get(instance.service);
    if (ofService?.delete(instance.instance) === true) this.#size -= 1;
    if (ofService?.size === 0) this.#instances.delete(instance.service);
  }

  /** More of its exchanges are open than are counted: also when it has been forgotten and comes again. */
  doubt(instance: Instance): void {
    instance.unsure = true;
    this.#unsure.add(instance.key);
    forgetOldest(this.#unsure, MOST_SIDECARS);
  }

  /** Another recorder hears these (Instance.key) too, now and from now on. */
  split(keys: readonly string[]): void {
    for (const key of keys) {
      this.#unsure.add(key);
      const [service = '', instance = ''] = key.split('\0');
      const known = this.#instances.get(service)?.get(instance);
      if (known !== undefined) known.unsure = true;
    }
    forgetOldest(this.#unsure, MOST_SIDECARS);
  }

  get sidecars(): readonly SeenSidecar[] {
    return Array.from(this.#sidecars.values(), ({ service, instance, lastSeenAt }) => ({
      service,
      instance,
      lastSeenAt,
    }));
  }

  /** Whoever came first goes first when there are too many, unless still connected: then it comes again. */
  #see(key: string, { service, instance }: Vantage, at: number): Sidecar {
    const seen = { service, instance, lastSeenAt: at, listed: true };
    this.#sidecars.set(key, seen);
    for (const [oldest, sidecar] of this.#sidecars) {
      if (this.#sidecars.size <= MOST_SIDECARS) break;
      sidecar.listed = false;
      this.#sidecars.delete(oldest);
    }
    return seen;
  }

  get size(): number {
    return this.#size;
  }
}
