import { constants } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { PIECE_BYTES } from '../limits.ts';

/** Flag and length (u32, big-endian) in front of a message. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
const PREFIX_BYTES = 5;

/**
 * Bounds what messages take that are not whole yet: grpc-js holds every piece until the last has come, for as long as a peer likes. When
 * all calls together hold too much, the one that holds most is reset.
 */
export class Unfinished {
  readonly #limit: number;
  readonly #refused: () => void;
  readonly #meters = new Map<ServerHttp2Stream, Meter>();
  #held = 0;

  /** `refused` is told of each call that is reset. */
  constructor(refused: () => void, limit: number) {
    this.#refused = refused;
    this.#limit = limit;
  }

  watch(stream: ServerHttp2Stream): void {
    const meter = new Meter();
    this.#meters.set(stream, meter);
    stream.on('data', (chunk: Buffer) => {
      if (!this.#meters.has(stream)) return;
      const before = meter.held;
      meter.add(chunk);
      this.#held += meter.held - before;
      while (this.#held > this.#limit && this.#resetHeaviest());
    });
    stream.once('close', () => this.#leave(stream));
  }

  #resetHeaviest(): boolean {
    let heaviest: readonly [ServerHttp2Stream, Meter] | undefined;
    for (const one of this.#meters) if (heaviest === undefined || one[1].held > heaviest[1].held) heaviest = one;
    if (heaviest === undefined) return false;
    const [stream] = heaviest;
    this.#leave(stream);
    this.#refused();
    stream.close(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    return true;
  }

  #leave(stream: ServerHttp2Stream): void {
    this.#held -= this.#meters.get(stream)?.held ?? 0;
    this.#meters.delete(stream);
  }
}

/** Follows where messages of one call begin and end. */
class Meter {
  /** What the message that is not whole takes. */
  held = 0;
  #prefix = 0;
  #rest = 0;

  add(chunk: Uint8Array): void {
    let begin = 0;
    for (let at = 0; at < chunk.length;) {
      if (this.#prefix < PREFIX_BYTES) {
        this.#prefixByte(chunk[at] ?? 0);
        at += 1;
      } else {
        const taken = Math.min(this.#rest, chunk.length - at);
        this.#rest -= taken;
        at += taken;
      }
      if (this.#prefix < PREFIX_BYTES || this.#rest > 0) continue;
      this.#prefix = 0;
      this.held = 0;
      begin = at;
    }
    if (begin < chunk.length) this.held += chunk.length - begin + PIECE_BYTES;
  }

  #prefixByte(byte: number): void {
    this.#prefix += 1;
    this.#rest = this.#prefix === 1 ? 0 : this.#rest * 256 + byte;
  }
}
