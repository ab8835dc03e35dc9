/** Calls that pass over HTTP/2, gRPC among them. */
import type { Header } from '../../../src/domain/exchange.ts';
import { header } from '../../../src/domain/exchange.ts';
import type { ReadAlong } from '../along.ts';
import type { HeardCall } from '../heard.ts';
import { FrameReader } from './frames.ts';

const HTTP1 = 'HTTP/1.';
const ONLY_HTTP1 =
  'it was asked in HTTP/2, as recorded, and speaks only HTTP/1.1: a sidecar translated in production, nothing does here';

/** More calls without an answer than any server takes: the rest passes unheard. */
const MOST_OPEN = 10_000;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function alongHttp2(heard: () => HeardCall): ReadAlong {
  const calls = new Calls(heard);
  /** Of the server: what it speaks. */
  let first = '';
  const reset = (stream: number): void => calls.close(stream, (call) => call.broken());
  const requests = new FrameReader(
    {
      headers: (stream, headers) => calls.asked(stream, headers),
      data: (stream, bytes) => calls.of(stream)?.askedBody(bytes),
      ended: (stream) => calls.of(stream)?.askedWhole(),
      reset,
    },
    PREFACE.length,
  );
  const answers = new FrameReader(
    {
      headers: (stream, headers) => calls.answered(stream, headers),
      data: (stream, bytes) => calls.of(stream)?.answeredBody(bytes),
      ended: (stream) => calls.close(stream, (call) => call.over()),
      reset,
    },
    0,
  );
  return {
    fromClient: (bytes) => requests.push(bytes),
    fromServer(bytes) {
      if (first.length < HTTP1.length) first += Buffer.from(bytes.subarray(0, HTTP1.length)).toString('latin1');
      answers.push(bytes);
    },
    closed: () => calls.closeAll(first.startsWith(HTTP1) ? ONLY_HTTP1 : undefined),
  };
}

/** Those without their whole answer, by stream. */
class Calls {
  readonly #heard: () => HeardCall;
  readonly #open = new Map<number, HeardCall>();
  readonly #answered = new Set<number>();

  constructor(heard: () => HeardCall) {
    this.#heard = heard;
  }

  of(stream: number): HeardCall | undefined {
    return this.#open.get(stream);
  }

  asked(stream: number, headers: readonly Header[]): void {
    if (this.#open.size >= MOST_OPEN) return;
    if (this.#open.has(stream)) return; // Trailers of a question say nothing that is compared.
    const call = this.#heard();
    this.#open.set(stream, call);
    call.asked(headers);
  }

  answered(stream: number, headers: readonly Header[]): void {
    const status = Number(header(headers, ':status'));
    if (status >= 100 && status < 200) return;
    if (this.#answered.has(stream)) return this.of(stream)?.trailed(headers);
    const call = this.of(stream);
    if (call === undefined) return;
    this.#answered.add(stream);
    call.answered(headers);
  }

  close(stream: number, end: (call: HeardCall) => void): void {
    const call = this.#open.get(stream);
    this.#open.delete(stream);
    this.#answered.delete(stream);
    if (call !== undefined) end(call);
  }

  closeAll(why: string | undefined): void {
    for (const stream of this.#open.keys()) this.close(stream, (call) => call.broken(why));
  }
}
