/** The ledger of dials that led nowhere, from the router, the DNS server and the kernel's own reports; each target once. */
import { lstatSync } from 'node:fs';
import type { Dial } from '../isolate/isolation.ts';
import type { AddressBook } from '../mocks/names.ts';
import type { Refusal } from '../mocks/refusal.ts';
import type { Route } from '../mocks/router.ts';

export class Refusals {
  readonly #book: AddressBook;
  readonly #routes: readonly Route[];
  readonly #own: ReadonlySet<string>;
  readonly #seen = new Map<string, Refusal>();

  /** `own`: addresses that are the sandbox's own (the service's, the resolver's); dials there are nobody's business. */
  constructor(book: AddressBook, routes: readonly Route[], own: readonly string[]) {
    this.#book = book;
    this.#routes = routes;
    this.#own = new Set(own);
  }

  /** A port of the service's own loopback at which nobody listens, though a recorded peer has it. */
  noneAtHome(port: number): void {
    const reason = "this is the service's own loopback, and nothing listens there";
    this.add({ kind: 'tcp', target: `localhost:${port}`, reason });
  }

  add(refusal: Refusal): void {
    const key = `${refusal.kind} ${refusal.target}`;
    if (!this.#seen.has(key)) this.#seen.set(key, refusal);
  }

  dialled(dial: Dial): void {
    const refusal = dial.kind === 'unix' ? unixRefusal(dial) : this.#inetRefusal(dial, dial.kind);
    if (refusal !== undefined) this.add(refusal);
  }

  list(): readonly Refusal[] {
    return [...this.#seen.values()];
  }

  #inetRefusal(dial: Dial, kind: 'tcp' | 'udp'): Refusal | undefined {
    const port = dial.port ?? 0;
    // Port 0 is no dial: resolvers connect a datagram socket to sort addresses.
    if (port === 0 || this.#own.has(dial.address) || /^127\.|^::1$|^0\.0\.0\.0$|^::$/.test(dial.address))
      return undefined;
    const name = this.#book.nameOf(dial.address);
    // By UDP it is a resolver that sorts addresses (c-ares names the port), or a try of HTTP/3, which TCP follows.
    if (this.#routes.some((route) => route.name === name && route.port === port)) return undefined;
    const reason =
      name === undefined ? 'this address was not recorded' : `${name} was not called on port ${port} in the recording`;
    return { kind, target: `${name ?? dial.address}:${port}`, reason };
  }
}

/** A path that is a socket on this machine was masked; one that is none here is the service's own affair. */
function unixRefusal(dial: Dial): Refusal | undefined {
  const abstract = dial.address.startsWith('@');
  if (!abstract && lstatSync(dial.address, { throwIfNoEntry: false })?.isSocket() !== true) return undefined;
  return { kind: 'unix', target: dial.address, reason: "this machine's own sockets are out of reach in the sandbox" };
}
