/**
 * Compression of messages: permessage-deflate. https://www.rfc-editor.org/rfc/rfc7692#section-7
 *
 * One direction is one LZ77 window. With context takeover it goes on from message to message, so that what was said last is stated to
 * zlib as a dictionary: each message can be packed and unpacked by itself, in one call.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

/** What a server agreed to. */
export interface Deflate {
  readonly server: DeflateSide;
  readonly client: DeflateSide;
}

/** Of what one side sends. */
export interface DeflateSide {
  /** The window is forgotten after each message. */
  readonly noContext: boolean;
  /** 8..15 */
  readonly bits: number;
}

export type DeflateFault = 'bad-compression' | 'too-large';

/** What a compressed message ends with, and is sent without (section 7.2.1). */
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);
const LARGEST_BITS = 15;
/** zlib makes no raw stream with a window of 256 bytes. */
const SMALLEST_PACKED_BITS = 9;

/** Unpacks what one side sends. */
export class MessageInflater {
  readonly #window: Window;

  constructor(side: DeflateSide) {
    this.#window = new Window(side);
  }

  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array | DeflateFault {
    const options = {
      // A window as large as there is takes what was packed in a smaller one.
      windowBits: LARGEST_BITS,
      maxOutputLength: maxBytes,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...this.#window.dictionary(),
    };
    try {
      const plain = inflateRawSync(Buffer.concat([bytes, TAIL]), options);
      this.#window.said(plain);
      return plain;
    } catch (error) {
      const large = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return large ? 'too-large' : 'bad-compression';
    }
  }
}

/** Packs what one side sends. */
export class MessageDeflater {
  readonly #window: Window;
  readonly #bits: number;

  constructor(side: DeflateSide) {
    this.#window = new Window(side);
    this.#bits = Math.max(side.bits, SMALLEST_PACKED_BITS);
  }

  deflate(plain: Uint8Array): Uint8Array {
    const packed = deflateRawSync(plain, {
      windowBits: this.#bits,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...this.#window.dictionary(),
    });
    this.#window.said(plain);
    // An empty message is an empty block, whose first byte stays (section 7.2.3.6).
    return plain.length === 0 ? Uint8Array.of(0) : packed.subarray(0, packed.length - TAIL.length);
  }
}

/** The last that was said, as much of it as may be referred to. */
class Window {
  readonly #bytes: number;
  #last: Uint8Array = new Uint8Array(0);

  constructor({ noContext, bits }: DeflateSide) {
    this.#bytes = noContext ? 0 : 2 ** bits;
  }

  dictionary(): { readonly dictionary?: Uint8Array } {
    return this.#last.length === 0 ? {} : { dictionary: this.#last };
  }

  said(plain: Uint8Array): void {
    if (this.#bytes === 0 || plain.length === 0) return;
    const kept = plain.length >= this.#bytes ? plain : Buffer.concat([this.#last, plain]);
    this.#last = new Uint8Array(kept.subarray(Math.max(0, kept.length - this.#bytes)));
  }
}

/** What an answer says was agreed; undefined when nothing, or what nobody here reads. */
export function agreedDeflate(header: string | undefined): Deflate | undefined {
  const [first, ...more] = parseExtensions(header ?? '');
  if (first?.name !== 'permessage-deflate' || more.length > 0) return undefined;
  const { parameters } = first;
  return {
    server: sideOf(parameters, 'server'),
    client: sideOf(parameters, 'client'),
  };
}

function sideOf(parameters: ReadonlyMap<string, string>, side: 'server' | 'client'): DeflateSide {
  const bits = Number(parameters.get(`${side}_max_window_bits`) || LARGEST_BITS);
  return {
    noContext: parameters.has(`${side}_no_context_takeover`),
    bits: bits >= 8 && bits <= LARGEST_BITS ? bits : LARGEST_BITS,
  };
}

/**
 * What a server answers to an offer when it would like what was agreed before; undefined when that is not offered. The first offer that can
 * be met is.
 */
export function answerOffer(offered: string | undefined, wanted: Deflate | undefined): string | undefined {
  if (wanted === undefined) return undefined;
  for (const { name, parameters } of parseExtensions(offered ?? '')) {
    const asked = Number(parameters.get('server_max_window_bits') ?? LARGEST_BITS);
    if (name !== 'permessage-deflate' || !(asked >= SMALLEST_PACKED_BITS)) continue;
    const bits = Math.min(asked, Math.max(wanted.server.bits, SMALLEST_PACKED_BITS));
    const { client } = wanted;
    const said = [
      ...(wanted.server.noContext || parameters.has('server_no_context_takeover')
        ? ['server_no_context_takeover']
        : []),
      ...(client.noContext || parameters.has('client_no_context_takeover') ? ['client_no_context_takeover'] : []),
      ...(bits < LARGEST_BITS ? [`server_max_window_bits=${String(bits)}`] : []),
      ...(client.bits < LARGEST_BITS && parameters.has('client_max_window_bits')
        ? [`client_max_window_bits=${String(client.bits)}`]
        : []),
    ];
    return [name, ...said].join('; ');
  }
  return undefined;
}

interface Extension {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** `a; b=1; c="2", d`. https://www.rfc-editor.org/rfc/rfc6455#section-9.1 */
function parseExtensions(header: string): readonly Extension[] {
  return header
    .slice(0, 8192)
    .split(',')
    .filter((text) => text.trim() !== '')
    .map((text) => {
      const [name = '', ...parameters] = text.split(';').map((part) => part.trim());
      const pairs = parameters.map((parameter): [string, string] => {
        const [key = '', value = ''] = parameter.split('=').map((part) => part.trim());
        return [key.toLowerCase(), value.replace(/^"(.*)"$/, '$1')];
      });
      return { name: name.toLowerCase(), parameters: new Map(pairs) };
    });
}
