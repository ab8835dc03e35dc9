/**
 * Blocks of an event stream: lines up to an empty one; a line ends with LF, CR or CRLF, wherever the chunks are cut.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */

export interface EventBlock {
  /** Without their ends, and without empty ones. */
  readonly lines: readonly string[];
  /** As it came. Empty lines in front of it, and what follows a CR, are its own. */
  readonly wire: Uint8Array;
}

/**
 * - `too-large` a block is longer than the limit
 * - `truncated` the stream ends inside a block: clients drop it
 */
export type FramingFault = 'too-large' | 'truncated';

const LF = 0x0a;
const CR = 0x0d;
const BOM = '\ufeff';

/** Fed with bytes as they come. After a fault nothing more comes out of it. */
export class EventStreamDeframer {
  readonly #maxBytes: number;
  /** Of the block that is not whole yet. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Nothing stands in the present line, in the present block. */
  #emptyLine = true;
  #emptyBlock = true;
  #afterCr = false;
  #atStart = true;
  fault: FramingFault | undefined = undefined;

  /** `maxBytes` of one block. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The blocks that these bytes complete. */
  push(bytes: Uint8Array): readonly EventBlock[] {
    if (this.fault !== undefined) {
      this.#hold(bytes);
      return [];
    }
    const blocks: EventBlock[] = [];
    let begin = 0;
    for (let index = 0; index < bytes.length; index += 1) {
      if (!this.#endsBlock(bytes[index] ?? 0)) continue;
      this.#hold(bytes.subarray(begin, index + 1));
      begin = index + 1;
      const block = this.#block();
      if (block !== undefined) blocks.push(block);
    }
    this.#hold(bytes.subarray(begin));
    if (this.#pendingBytes > this.#maxBytes) this.fault = 'too-large';
    return blocks;
  }

  /** Nothing more comes: sets the fault `truncated` when that is inside a block. Bytes that are in none, in one piece. */
  end(): Uint8Array {
    if (!this.#emptyBlock) this.fault ??= 'truncated';
    return new Uint8Array(Buffer.concat(this.#pending));
  }

  #endsBlock(byte: number): boolean {
    const secondHalf = byte === LF && this.#afterCr;
    this.#afterCr = byte === CR;
    if (secondHalf) return false;
    if (byte !== LF && byte !== CR) {
      this.#emptyLine = false;
      this.#emptyBlock = false;
      return false;
    }
    const ends = this.#emptyLine && !this.#emptyBlock;
    this.#emptyLine = true;
    return ends;
  }

  #hold(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  #block(): EventBlock | undefined {
    const [only = new Uint8Array(0)] = this.#pending;
    const wire = this.#pending.length === 1 ? only : new Uint8Array(Buffer.concat(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#emptyBlock = true;
    const text = Buffer.from(wire.buffer, wire.byteOffset, wire.byteLength).toString('utf8');
    const shown = this.#atStart && text.startsWith(BOM) ? text.slice(BOM.length) : text;
    this.#atStart = false;
    return { lines: shown.split(/\r\n|[\r\n]/).filter((line) => line !== ''), wire };
  }
}
