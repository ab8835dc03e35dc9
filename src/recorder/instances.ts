import { forgetOldest } from '../domain/bounded.ts';
import type { Vantage } from '../domain/exchange.ts';
import type { SeenExchanges } from './orphans.ts';
import type { Stream } from './streams.ts';

/** One running copy of a service: what its open inbound exchanges and its connections have in common. */
export interface Instance {
  readonly key: string;
  readonly service: string;
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

/** The newest ones; a service that is deployed again has new instances. */
const MOST_SIDECARS = 500;

/** Instances exist as long as a stream refers to them. */
export class Instances {
  readonly #instances = new Map<string, Instance>();
  readonly #split = new Set<string>();
  readonly #sidecars = new Map<string, { readonly service: string; readonly instance: string; lastSeenAt: number }>();

  acquire(vantage: Vantage, at: number): Instance {
    const key = `${vantage.service}\0${vantage.instance}`;
    this.#see(key, vantage, at);
    let instance = this.#instances.get(key);
    if (instance === undefined) {
      instance = {
        key,
        service: vantage.service,
        openInbound: 0,
        openNumbers: 0,
        conversations: new Set(),
        gathering: new Set(),
        unsure: this.#split.has(key),
        errors: 0,
        references: 0,
        seen: undefined,
      };
      this.#instances.set(key, instance);
    }
    instance.references += 1;
    return instance;
  }

  release(instance: Instance): void {
    instance.references -= 1;
    if (instance.references === 0) this.#instances.delete(instance.key);
  }

  /** Another recorder hears these (Instance.key) too, now and from now on. */
  split(keys: readonly string[]): void {
    for (const key of keys) {
      this.#split.add(key);
      const known = this.#instances.get(key);
      if (known !== undefined) known.unsure = true;
    }
    forgetOldest(this.#split, MOST_SIDECARS);
  }

  get sidecars(): readonly SeenSidecar[] {
    return Array.from(this.#sidecars.values(), (seen) => ({ ...seen }));
  }

  /** Whoever came first goes first when there are too many, unless still connected: then it comes again. */
  #see(key: string, { service, instance }: Vantage, at: number): void {
    const seen = this.#sidecars.get(key);
    if (seen !== undefined) {
      // A connection that was found late began long ago.
      seen.lastSeenAt = Math.max(seen.lastSeenAt, at);
      return;
    }
    this.#sidecars.set(key, { service, instance, lastSeenAt: at });
    forgetOldest(this.#sidecars, MOST_SIDECARS);
  }

  get size(): number {
    return this.#instances.size;
  }
}
