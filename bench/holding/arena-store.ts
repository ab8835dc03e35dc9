import { peekBytes, peekStream } from '../../src/wire/segments/peek.ts';
import { recordBytes, writeRecord } from '../../src/wire/segments/record.ts';
import type { Store } from './store.ts';

const PAGE = 64 * 1024;
const NOWHERE = -1;

interface Chain {
  newest: number;
}

/**
 * Pages in a pool. A page knows how many of its records are wanted; it goes when none is, the one that was filled first before others.
 * `moving`: of the first one, whatever is wanted moves to another page, so that it can always go.
 */
export class ArenaStore implements Store {
  readonly name: string;
  readonly bytes: number;
  history = 0;
  lost = 0;
  readonly #moving: boolean;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #wanted: Int32Array;
  readonly #used: Int32Array;
  /** The exchange that began last of those whose records it took when they came. */
  readonly #youngest: Int32Array;
  readonly #free: number[];
  /** In the order in which they were filled. */
  #filled: number[] = [];
  #page = 0;
  readonly #chains = new Map<number, Chain>();
  #last = 0;
  readonly #draft = {
    kind: 'message' as const,
    stream: 0,
    sequence: 0,
    at: 0,
    flags: 0,
    openInbound: 0,
    owner: 0,
    payload: new Uint8Array(0) as Uint8Array,
  };

  constructor(bytes: number, moving: boolean) {
    this.name = moving ? 'pages, moved' : 'pages';
    this.#moving = moving;
    const pages = Math.floor(bytes / PAGE);
    this.bytes = pages * PAGE;
    this.#bytes = new Uint8Array(this.bytes);
    this.#view = new DataView(this.#bytes.buffer);
    this.#wanted = new Int32Array(pages);
    this.#used = new Int32Array(pages);
    this.#youngest = new Int32Array(pages);
    this.#free = Array.from({ length: pages - 1 }, (_none, index) => index + 1);
  }

  append(exchange: number, payload: Uint8Array): void {
    this.#last = Math.max(this.#last, exchange);
    this.#write(exchange, payload);
    this.#youngest[this.#page] = Math.max(this.#youngest[this.#page] ?? 0, exchange);
  }

  #write(exchange: number, payload: Uint8Array): void {
    const chain = this.#chains.get(exchange) ?? { newest: NOWHERE };
    this.#chains.set(exchange, chain);
    const offset = this.#place(12 + recordBytes(payload.length));
    this.#draft.stream = exchange;
    this.#draft.payload = payload;
    this.#view.setFloat64(offset + 4, chain.newest, true);
    writeRecord(this.#bytes, this.#view, offset + 12, this.#draft);
    chain.newest = offset;
  }

  toss(exchange: number): void {
    const chain = this.#chains.get(exchange);
    if (chain === undefined) return;
    for (let at = chain.newest; at !== NOWHERE; at = this.#view.getFloat64(at + 4, true)) {
      const page = Math.floor(at / PAGE);
      this.#wanted[page] = (this.#wanted[page] ?? 0) - 1;
    }
    this.#chains.delete(exchange);
  }

  /** Room for a record in the page that is being filled. */
  #place(size: number): number {
    if ((this.#used[this.#page] ?? 0) + size > PAGE) this.#nextPage();
    const page = this.#page;
    const used = this.#used[page] ?? 0;
    this.#used[page] = used + size;
    this.#wanted[page] = (this.#wanted[page] ?? 0) + 1;
    return page * PAGE + used;
  }

  #nextPage(): void {
    this.#filled.push(this.#page);
    const free = this.#free.pop();
    if (free !== undefined) return this.#begin(free);
    const index = this.#moving ? 0 : this.#filled.findIndex((page) => this.#wanted[page] === 0);
    const [page = 0] = this.#filled.splice(Math.max(0, index), 1);
    this.history = this.#last - (this.#youngest[page] ?? 0);
    if (!this.#moving) this.lost += this.#wanted[page] ?? 0;
    if (index < 0) this.#forget(page);
    const moved = this.#moving ? this.#takeWanted(page) : [];
    this.#begin(page);
    for (const { exchange, payload } of moved) this.#write(exchange, payload);
  }

  #begin(page: number): void {
    this.#page = page;
    this.#used[page] = 0;
    this.#wanted[page] = 0;
    this.#youngest[page] = 0;
  }

  /** Nothing was free to go: what was wanted of this page is lost. */
  #forget(page: number): void {
    const end = page * PAGE + (this.#used[page] ?? 0);
    for (let at = page * PAGE; at < end; at += 12 + peekBytes(this.#view, at + 12)) {
      const chain = this.#chains.get(peekStream(this.#view, at + 12));
      if (chain !== undefined) this.#unchain(chain, at);
    }
  }

  /** Out of a page that is to go. What moves from a page is less than a page. */
  #takeWanted(page: number): readonly { readonly exchange: number; readonly payload: Uint8Array }[] {
    const moved: { readonly exchange: number; readonly payload: Uint8Array }[] = [];
    const end = page * PAGE + (this.#used[page] ?? 0);
    for (let at = page * PAGE; at < end; at += 12 + peekBytes(this.#view, at + 12)) {
      const exchange = peekStream(this.#view, at + 12);
      const chain = this.#chains.get(exchange);
      if (chain === undefined) continue;
      this.#unchain(chain, at);
      moved.push({ exchange, payload: this.#bytes.slice(at + 40, at + 12 + peekBytes(this.#view, at + 12)) });
    }
    return moved;
  }

  /** Whatever points at a record that moves has to be found: its chain is walked. */
  #unchain(chain: Chain, gone: number): void {
    const before = this.#view.getFloat64(gone + 4, true);
    if (chain.newest === gone) {
      chain.newest = before;
      return;
    }
    let at = chain.newest;
    while (at !== NOWHERE && this.#view.getFloat64(at + 4, true) !== gone) at = this.#view.getFloat64(at + 4, true);
    if (at !== NOWHERE) this.#view.setFloat64(at + 4, before, true);
  }
}
