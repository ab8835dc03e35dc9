import type { Vantage } from '../domain/exchange.ts';
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
  /** Errors that databases have answered it with so far, over all its connections. */
  errors: number;
  /** Streams that refer to it. */
  references: number;
}

/** The one inbound exchange that is open, or 0. */
export function ownerAt(instance: Instance): number {
  return instance.openInbound === 1 ? instance.openNumbers : 0;
}

/** Instances exist as long as a stream refers to them. */
export class Instances {
  readonly #instances = new Map<string, Instance>();

  acquire(vantage: Vantage): Instance {
    const key = `${vantage.service}\0${vantage.instance}`;
    let instance = this.#instances.get(key);
    if (instance === undefined) {
      instance = {
        key,
        service: vantage.service,
        openInbound: 0,
        openNumbers: 0,
        conversations: new Set(),
        gathering: new Set(),
        errors: 0,
        references: 0,
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

  get size(): number {
    return this.#instances.size;
  }
}
