/** Finds where a frame ends, without looking at what it holds: a few numbers of state, whatever the size of the frame. */
import type { FramingFault, Side } from '../framing.ts';

/** `whole`: the frame ends before `end`. `more`: everything up to `end` belongs to it. */
export type Scanned = { readonly kind: 'whole' | 'more'; readonly end: number } | FramingFault;

/** proto-max-bulk-len can be raised above its default of 512 MiB; longer than this is a lost place. */
const BULK_BYTES = 0x40000000;
/** More elements than Redis takes in one command: INT_MAX / 2 (networking.c), 1,048,576 before 7.0. */
const ELEMENTS = 0x3fffffff;
/** PROTO_INLINE_MAX_SIZE of server.h: what Redis itself takes as one line. */
const LINE_BYTES = 65_536;
/** Nothing that Redis answers is deeper than a dozen levels; scripts may nest. */
const DEPTH = 128;
/** `-` and 19 digits, `?` alone. */
const NUMBER_BYTES = 20;

const CR = 0x0d;
const LF = 0x0a;

const SHAPES: Readonly<Record<string, 'line' | 'bytes' | 'elements' | 'pairs' | 'attribute'>> = {
  '+': 'line',
  '-': 'line',
  ':': 'line',
  ',': 'line',
  '#': 'line',
  '(': 'line',
  _: 'line',
  $: 'bytes',
  '!': 'bytes',
  '=': 'bytes',
  '*': 'elements',
  '~': 'elements',
  '>': 'elements',
  '%': 'pairs',
  '|': 'attribute',
};

/** What the next byte is. `skip`: of a body, `left` counts them. */
type Mode = 'type' | 'line' | 'line-end' | 'number' | 'number-end' | 'skip' | 'skip-cr' | 'skip-lf';

/** Elements that a streamed aggregate or string has left is not known: it ends with its own mark. */
const UNTIL_MARK = -1;
const UNTIL_LAST_CHUNK = -2;

export class Scanner {
  readonly #side: Side;
  #mode: Mode = 'type';
  #type = '';
  /** Elements still to come, per level. */
  #open: number[] = [];
  /** Bytes of the body, or of the line so far. */
  #left = 0;
  #number = 0;
  #digits = 0;
  #negative = false;
  #streamed = false;

  constructor(side: Side) {
    this.#side = side;
  }

  restart(): void {
    this.#mode = 'type';
    this.#open = [];
    this.#left = 0;
  }

  scan(bytes: Uint8Array, from: number): Scanned {
    let at = from;
    while (at < bytes.length) {
      if (this.#mode === 'skip') {
        const skipped = Math.min(this.#left, bytes.length - at);
        this.#left -= skipped;
        at += skipped;
        if (this.#left === 0) this.#mode = 'skip-cr';
        continue;
      }
      if (this.#mode === 'line') {
        const end = this.#lineEnd(bytes, at);
        if (typeof end !== 'number') return end;
        at = end;
        continue;
      }
      const step = this.#byte(bytes[at++] ?? 0);
      if (step === 'whole') return { kind: 'whole', end: at };
      if (step !== undefined) return step;
    }
    return { kind: 'more', end: at };
  }

  /** Where the line's last byte stands; the end of the chunk when it is not in it. */
  #lineEnd(bytes: Uint8Array, at: number): number | FramingFault {
    // An inline command may end with a bare line feed.
    const end = bytes.indexOf(this.#side === 'client' ? LF : CR, at);
    const stop = end === -1 ? bytes.length : end;
    this.#left += stop - at;
    if (this.#left > LINE_BYTES) return fault('too-long');
    if (end !== -1) this.#mode = 'line-end';
    return stop;
  }

  /** Undefined: go on. */
  #byte(byte: number): 'whole' | FramingFault | undefined {
    switch (this.#mode) {
      case 'type':
        return this.#begin(byte);
      case 'number':
        return this.#digit(byte);
      case 'number-end':
        return byte === LF ? this.#counted() : fault('bad-line');
      case 'line-end':
        return this.#endLine(byte);
      case 'skip-cr':
        this.#mode = 'skip-lf';
        return byte === CR ? undefined : fault('bad-line');
      case 'skip-lf':
        return byte === LF ? this.#element() : fault('bad-line');
      case 'line':
      case 'skip':
        return undefined;
    }
  }

  #begin(byte: number): 'whole' | FramingFault | undefined {
    this.#type = String.fromCharCode(byte);
    this.#left = 0;
    const parent = this.#open.at(-1);
    if (parent === UNTIL_LAST_CHUNK) return this.#type === ';' ? this.#beginNumber() : fault('unknown-type');
    if (this.#type === '.' && parent === UNTIL_MARK) return this.#beginLine();
    if (this.#side === 'client') return this.#beginQuestion(byte);
    const shape = SHAPES[this.#type];
    if (shape === undefined) return fault('unknown-type');
    return shape === 'line' ? this.#beginLine() : this.#beginNumber();
  }

  #beginQuestion(byte: number): FramingFault | undefined | 'whole' {
    if (this.#open.length > 0) return this.#type === '$' ? this.#beginNumber() : fault('unknown-type');
    if (this.#type === '*') return this.#beginNumber();
    if (byte === LF) return 'whole';
    const printable = (byte >= 0x20 && byte < 0x7f) || byte === CR || byte === 0x09;
    return printable ? this.#beginLine() : fault('unknown-type');
  }

  #beginLine(): undefined {
    this.#mode = 'line';
  }

  #beginNumber(): undefined {
    this.#mode = 'number';
    this.#number = 0;
    this.#digits = 0;
    this.#negative = false;
    this.#streamed = false;
  }

  #endLine(byte: number): 'whole' | FramingFault | undefined {
    if (this.#side === 'client') return this.#element();
    if (byte === CR) {
      this.#left = -1;
      return undefined;
    }
    if (byte !== LF || this.#left !== -1) return fault('bad-line');
    return this.#type === '.' ? this.#close() : this.#element();
  }

  #digit(byte: number): FramingFault | undefined {
    if (byte === CR && (this.#digits > 0 || this.#streamed)) {
      this.#mode = 'number-end';
      return undefined;
    }
    if (this.#streamed || ++this.#left > NUMBER_BYTES) return fault('bad-length');
    if (byte === 0x3f && this.#left === 1) this.#streamed = true;
    else if (byte === 0x2d && this.#left === 1) this.#negative = true;
    else if (byte >= 0x30 && byte <= 0x39) {
      this.#number = this.#number * 10 + byte - 0x30;
      this.#digits++;
    } else return fault('bad-length');
    return undefined;
  }

  #counted(): 'whole' | FramingFault | undefined {
    if (this.#negative) return this.#nothing();
    if (this.#type === ';') return this.#chunk();
    const shape = SHAPES[this.#type];
    if (this.#streamed) return this.#stream(shape);
    if (shape === 'bytes') return this.#body();
    if (this.#number > ELEMENTS) return fault('bad-length');
    if (shape === 'attribute') return this.#descend(this.#number * 2 + 1);
    return this.#number === 0 ? this.#element() : this.#descend(this.#number * (shape === 'pairs' ? 2 : 1));
  }

  /** Length or count -1: null. Of a command Redis takes any negative count for an empty one. */
  #nothing(): 'whole' | FramingFault | undefined {
    const nullable = this.#type === '*' || (this.#type === '$' && this.#side === 'server');
    return nullable && this.#number === 1 ? this.#element() : fault('bad-length');
  }

  #body(): FramingFault | undefined {
    if (this.#number > BULK_BYTES) return fault('bad-length');
    this.#left = this.#number;
    this.#mode = this.#left === 0 ? 'skip-cr' : 'skip';
    return undefined;
  }

  #stream(shape: string | undefined): FramingFault | undefined {
    if (this.#side === 'client') return fault('bad-length');
    return this.#descend(shape === 'bytes' ? UNTIL_LAST_CHUNK : UNTIL_MARK);
  }

  #chunk(): 'whole' | FramingFault | undefined {
    if (this.#streamed) return fault('bad-length');
    return this.#number === 0 ? this.#close() : this.#body();
  }

  #descend(elements: number): FramingFault | undefined {
    if (this.#open.length === DEPTH) return fault('too-deep');
    this.#open.push(elements);
    this.#mode = 'type';
    return undefined;
  }

  /** A streamed aggregate or string has ended. */
  #close(): 'whole' | undefined {
    this.#open.pop();
    return this.#element();
  }

  /** An element is whole, and with it whatever it was the last of. */
  #element(): 'whole' | undefined {
    this.#mode = 'type';
    for (let level = this.#open.length - 1; level >= 0; level--) {
      const left = this.#open[level] ?? 0;
      if (left < 0) return undefined;
      if (left > 1) {
        this.#open[level] = left - 1;
        return undefined;
      }
      this.#open.pop();
    }
    return 'whole';
  }
}

function fault(what: FramingFault['fault']): FramingFault {
  return { kind: 'fault', fault: what };
}
