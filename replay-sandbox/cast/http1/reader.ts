/** Reads one direction of an HTTP/1.1 connection along, byte by byte if need be. https://www.rfc-editor.org/rfc/rfc9112 */
import type { Header } from '../../../src/domain/exchange.ts';

/** What follows a head. `raw`: another protocol takes the connection over. `head`: another head, as behind 100. `lost`: it is none. */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' | 'close' | 'raw' | 'head' | 'lost' };

export interface Listener {
  /** First line, and headers with lower-case names. */
  head(line: string, headers: readonly Header[]): Framing;
  body(bytes: Uint8Array): void;
  end(trailers: readonly Header[]): void;
}

type State =
  | { readonly kind: 'head' | 'chunk-size' | 'chunk-end' | 'trailers' | 'close' | 'lost' }
  | { readonly kind: 'length' | 'chunk'; left: number };

/** More than any server takes. */
const HEAD_LIMIT = 1024 * 1024;

export class Http1Reader {
  readonly #listener: Listener;
  #state: State = { kind: 'head' };
  #pending: Buffer = Buffer.alloc(0);

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** What cannot be read ends the reading, nothing else. */
  push(bytes: Uint8Array): void {
    this.#pending = this.#pending.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length > 0 && this.#step());
  }

  /** The connection's end is the end of a body that has no other. */
  ended(): void {
    if (this.#state.kind === 'close') this.#listener.end([]);
    this.#state = { kind: 'lost' };
  }

  /** False when more bytes are needed. */
  #step(): boolean {
    const state = this.#state;
    if (state.kind === 'lost') return this.#drop();
    if (state.kind === 'close') {
      this.#listener.body(this.#take(this.#pending.length));
      return true;
    }
    if (state.kind === 'length' || state.kind === 'chunk') return this.#some(state);
    return this.#text(state.kind);
  }

  #some(state: State & { left: number }): boolean {
    const bytes = this.#take(Math.min(state.left, this.#pending.length));
    state.left -= bytes.length;
    this.#listener.body(bytes);
    if (state.left > 0) return true;
    if (state.kind === 'chunk') this.#state = { kind: 'chunk-end' };
    else this.#end([]);
    return true;
  }

  #text(kind: 'head' | 'chunk-size' | 'chunk-end' | 'trailers'): boolean {
    if (kind === 'head' || kind === 'trailers') {
      const lines = this.#lines(kind === 'head');
      if (lines === undefined) return false;
      if (kind === 'head') this.#head(lines);
      else this.#end(headersOf(lines));
      return true;
    }
    const line = this.#line();
    if (line === undefined) return false;
    if (kind === 'chunk-end') this.#state = line === '' ? { kind: 'chunk-size' } : { kind: 'lost' };
    else this.#state = chunkOf(line);
    return true;
  }

  #head([line = '', ...lines]: readonly string[]): void {
    const framing = this.#listener.head(line, headersOf(lines));
    if (framing.kind === 'length' && framing.bytes > 0) this.#state = { kind: 'length', left: framing.bytes };
    else if (framing.kind === 'length') this.#end([]);
    else if (framing.kind === 'chunked') this.#state = { kind: 'chunk-size' };
    else if (framing.kind === 'lost') this.#state = { kind: 'lost' };
    else if (framing.kind !== 'head') this.#state = { kind: 'close' };
  }

  #end(trailers: readonly Header[]): void {
    this.#state = { kind: 'head' };
    this.#listener.end(trailers);
  }

  /** Up to an empty line, which stands alone where there are no trailers. */
  #lines(isHead: boolean): readonly string[] | undefined {
    // Empty lines in front of a head are nothing (section 2.2).
    while (isHead && (this.#pending[0] === 13 || this.#pending[0] === 10)) this.#take(1);
    const text = this.#pending.subarray(0, HEAD_LIMIT).toString('latin1');
    const [end] = (isHead ? /\r?\n\r?\n/ : /^\r?\n|\r?\n\r?\n/).exec(text) ?? [];
    if (end === undefined) {
      if (this.#pending.length >= HEAD_LIMIT) this.#state = { kind: 'lost' };
      return undefined;
    }
    const length = text.indexOf(end);
    this.#take(length + end.length);
    return text.slice(0, length).split(/\r?\n/);
  }

  #line(): string | undefined {
    const at = this.#pending.indexOf(10);
    if (at >= 0)
      return this.#take(at + 1)
        .toString('latin1')
        .trimEnd();
    if (this.#pending.length >= HEAD_LIMIT) this.#state = { kind: 'lost' };
    return undefined;
  }

  #take(length: number): Buffer {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }

  #drop(): false {
    this.#pending = Buffer.alloc(0);
    return false;
  }
}

function chunkOf(line: string): State {
  const [size] = /^[0-9a-f]{1,12}(?=\s*(?:;|$))/i.exec(line) ?? [];
  if (size === undefined) return { kind: 'lost' };
  const left = Number.parseInt(size, 16);
  return left === 0 ? { kind: 'trailers' } : { kind: 'chunk', left };
}

function headersOf(lines: readonly string[]): readonly Header[] {
  return lines.flatMap((line) => {
    const at = line.indexOf(':');
    return at <= 0 ? [] : [{ name: line.slice(0, at).toLowerCase(), value: line.slice(at + 1).trim() }];
  });
}
