/**
 * Cuts one side of a connection into frames. A frame is one whole command or one whole reply, however deep it nests.
 *
 *     + - : , # ( _    line                            simple string, error, integer, double, boolean, big number, null
 *     $ ! =            length, bytes                   bulk string, bulk error, verbatim string; length -1 is RESP2's null
 *     * ~ > %          count, as many elements         array, set, push; map (twice as many); count -1 is RESP2's null
 *     |                count, twice as many elements   attribute: belongs to the element that follows
 *     $? and ;n … ;0   streamed string                 *? ~? %? … .   streamed aggregate
 *     anything else    line                            inline command, client only
 *
 * https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md
 */
import { Scanner, type Scanned } from './language/scanner.ts';

export type Side = 'client' | 'server';

export interface Frame {
  readonly kind: 'command' | 'inline' | 'reply';
  /** Its first byte as a character. */
  readonly type: string;
  /** The frame as on the wire; when skimming a long one, its beginning. Valid as long as the chunk it came with. */
  readonly bytes: Uint8Array;
  /** Bytes are missing at the end because the reader only skims. */
  readonly cut: boolean;
}

export interface NeedMore {
  readonly kind: 'need-more';
}

/** What came is not the Redis protocol, or bytes are missing before it. The framer stays there until it is reset. */
export interface FramingFault {
  readonly kind: 'fault';
  readonly fault: 'unknown-type' | 'bad-length' | 'bad-line' | 'too-deep' | 'too-long';
}

/** `whole`: every frame with all its bytes. `skim`: for following a live connection; long frames are cut. */
export type Reading = 'whole' | 'skim';

/** Of a command: enough for the names of subscriptions. Of a reply: enough for HELLO, and for the name and count of a subscription. */
const SKIM_BYTES: Readonly<Record<Side, number>> = { client: 16_384, server: 4_096 };

const NEED_MORE: NeedMore = { kind: 'need-more' };
const EMPTY: Uint8Array = new Uint8Array(0);

export class Framer {
  readonly #side: Side;
  readonly #most: number;
  readonly #scanner: Scanner;
  #input: Uint8Array = EMPTY;
  #at = 0;
  /** Beginnings of the open frame that came with earlier chunks, and how long it is so far. */
  #pieces: Uint8Array[] = [];
  #kept = 0;
  #seen = 0;
  #fault: FramingFault | undefined;

  constructor(side: Side, reading: Reading = 'whole') {
    this.#side = side;
    this.#most = reading === 'whole' ? Infinity : SKIM_BYTES[side];
    this.#scanner = new Scanner(side);
  }

  /** Every byte that came belonged to a whole frame. */
  get atBoundary(): boolean {
    return this.#seen === 0 && this.#at === this.#input.length && this.#fault === undefined;
  }

  /** Forgets what came and starts again at the beginning of a frame. */
  restart(): void {
    this.#scanner.restart();
    this.#input = EMPTY;
    this.#at = 0;
    this.#forget();
    this.#fault = undefined;
  }

  push(chunk: Uint8Array): void {
    const left = this.#input.subarray(this.#at);
    this.#input = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    this.#at = 0;
  }

  /** The next whole frame. Call until `need-more`, or restart: only then may the memory of the pushed chunk be used for something else, or be gone. */
  next(): Frame | NeedMore | FramingFault {
    if (this.#fault !== undefined) return this.#fault;
    const start = this.#at;
    const scanned: Scanned = this.#scanner.scan(this.#input, start);
    if (scanned.kind === 'fault') return (this.#fault = scanned);
    this.#at = scanned.end;
    if (scanned.kind === 'whole') return this.#frame(start);
    this.#hold(this.#input.subarray(start, this.#at));
    this.#input = EMPTY;
    this.#at = 0;
    return NEED_MORE;
  }

  #frame(start: number): Frame {
    const last = this.#input.subarray(start, this.#at);
    const total = this.#seen + last.length;
    if (this.#pieces.length > 0) this.#hold(last);
    const bytes = this.#pieces.length > 0 ? Buffer.concat(this.#pieces) : last.subarray(0, this.#most);
    this.#forget();
    const type = String.fromCharCode(bytes[0] ?? 0);
    return { kind: this.#kindOf(type), type, bytes, cut: bytes.length < total };
  }

  #kindOf(type: string): Frame['kind'] {
    if (this.#side === 'server') return 'reply';
    return type === '*' ? 'command' : 'inline';
  }

  #hold(part: Uint8Array): void {
    const kept = Math.min(part.length, this.#most - this.#kept);
    // Not `slice`: of a Buffer it is a view, and the memory of a chunk is only lent.
    if (kept > 0) this.#pieces.push(new Uint8Array(part.subarray(0, kept)));
    this.#kept += Math.max(kept, 0);
    this.#seen += part.length;
  }

  #forget(): void {
    this.#pieces = [];
    this.#kept = 0;
    this.#seen = 0;
  }
}

/** A whole frame that was cut out before. */
export function frameOf(side: Side, bytes: Uint8Array): Frame {
  const type = String.fromCharCode(bytes[0] ?? 0);
  const kind = side === 'server' ? 'reply' : type === '*' ? 'command' : 'inline';
  return { kind, type, bytes, cut: false };
}
