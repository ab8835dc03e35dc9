/** Calls that pass over HTTP/2, gRPC among them. */
import { header } from '../../../src/domain/exchange.ts';
import type { ReadAlong } from '../along.ts';
import type { HeardCall } from '../heard.ts';
import { FrameReader } from './frames.ts';

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const NO_ERROR = 0;

export function alongHttp2(heard: () => HeardCall): ReadAlong {
  const open = new Map<number, HeardCall>();
  const answered = new Set<number>();
  const close = (stream: number, end: (call: HeardCall) => void): void => {
    const call = open.get(stream);
    open.delete(stream);
    answered.delete(stream);
    if (call !== undefined) end(call);
  };
  // Behind a whole answer a server may say that it wants no more of the question; that is the end of neither.
  const reset = (stream: number, code: number): void => {
    if (code !== NO_ERROR || open.has(stream)) close(stream, (call) => call.broken());
  };
  const requests = new FrameReader(
    {
      headers(stream, headers) {
        if (open.has(stream)) return; // Trailers of a question say nothing that is compared.
        const call = heard();
        open.set(stream, call);
        call.asked(headers);
      },
      data: (stream, bytes) => open.get(stream)?.askedBody(bytes),
      ended: () => undefined,
      reset,
    },
    PREFACE.length,
  );
  const answers = new FrameReader(
    {
      headers(stream, headers) {
        const status = Number(header(headers, ':status'));
        if (status >= 100 && status < 200) return;
        if (answered.has(stream)) return open.get(stream)?.trailed(headers);
        answered.add(stream);
        open.get(stream)?.answered(headers);
      },
      data: (stream, bytes) => open.get(stream)?.answeredBody(bytes),
      ended: (stream) => close(stream, (call) => call.over()),
      reset,
    },
    0,
  );
  return {
    fromClient: (bytes) => requests.push(bytes),
    fromServer: (bytes) => answers.push(bytes),
    closed() {
      for (const stream of open.keys()) close(stream, (call) => call.broken());
    },
  };
}
