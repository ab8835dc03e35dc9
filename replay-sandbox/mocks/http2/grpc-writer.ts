/** Puts recorded frames of a gRPC server on an HTTP/2 stream. */
import type { ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Exchange } from '../../../src/domain/exchange.ts';
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { headersObject } from '../../node-headers.ts';
import { written } from '../stream/written.ts';
import { sendHead } from './reply.ts';

export class GrpcStreamWriter {
  readonly #stream: ServerHttp2Stream;
  readonly #exchange: Exchange;

  constructor(stream: ServerHttp2Stream, exchange: Exchange) {
    this.#stream = stream;
    this.#exchange = exchange;
  }

  /** Settles when the client has taken it: what it does not read is not written. Rejects when its connection is gone. */
  write(message: StreamMessage): void | Promise<void> {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return Promise.reject(new Error('closed'));
    if (message.kind === 'head') return this.#head();
    if (message.kind === 'reset') return this.#reset();
    if (message.kind === 'half-close' || message.kind === 'trailers') return this.#end(message);
    return written(stream, message.wire ?? message.bytes);
  }

  #head(): void {
    const { response } = this.#exchange;
    if (response !== undefined) sendHead(response, this.#stream, { waitForTrailers: true });
  }

  /** What was sent must be on the wire before the reset drops it. */
  #reset(): Promise<void> {
    const stream = this.#stream;
    if (!stream.headersSent) stream.respond({ ':status': 200 });
    return new Promise((resolve) => {
      stream.write('', () => setImmediate(() => stream.close(constants.NGHTTP2_INTERNAL_ERROR, resolve)));
    });
  }

  /** An answer that is nothing but its headers, or the end of one that began. */
  #end({ kind, headers = [] }: StreamMessage): void | Promise<void> {
    const stream = this.#stream;
    const { response } = this.#exchange;
    if (!stream.headersSent) {
      if (response !== undefined) sendHead(response, stream, { endStream: true });
      return leave(stream);
    }
    return new Promise((resolve) => {
      stream.once('wantTrailers', () => {
        if (kind === 'trailers') stream.sendTrailers(headersObject(headers));
        else stream.close();
        leave(stream);
        resolve();
      });
      stream.once('close', resolve);
      stream.end();
    });
  }
}

/** A server that has said everything does not wait for what its client may still say. */
function leave(stream: ServerHttp2Stream): void {
  stream.resume();
  setImmediate(() => {
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR);
  });
}
