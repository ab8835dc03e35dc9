/** The first bytes of the client tell the version of HTTP. */
import type { ReadAlong } from './along.ts';
import type { HeardCall } from './heard.ts';
import { alongHttp1 } from './http1/along.ts';
import { alongHttp2, PREFACE } from './http2/along.ts';

const UNASKED_KEPT = 1024 * 1024;

export function alongHttp(heard: () => HeardCall): ReadAlong {
  let along: ReadAlong | undefined;
  let asked = Buffer.alloc(0);
  /** A server of HTTP/2 need not wait for the client. */
  let answered = Buffer.alloc(0);
  const decide = (): void => {
    const length = Math.min(asked.length, PREFACE.length);
    const isHttp2 = asked.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (isHttp2 && length < PREFACE.length) return;
    along = isHttp2 ? alongHttp2(heard) : alongHttp1(heard);
    along.fromClient(asked);
    if (answered.length > 0) along.fromServer(answered);
  };
  return {
    fromClient(bytes) {
      if (along !== undefined) return along.fromClient(bytes);
      asked = Buffer.concat([asked, bytes]);
      decide();
    },
    fromServer(bytes) {
      if (along !== undefined) return along.fromServer(bytes);
      // Whoever says so much unasked speaks no HTTP.
      if (answered.length < UNASKED_KEPT) answered = Buffer.concat([answered, bytes]);
    },
    // Who waits for an answer hears of this end, and goes on, before the connection is closed on both sides: what is open is broken now.
    serverEnded() {
      along?.serverEnded?.();
      along?.closed();
    },
    closed: () => along?.closed(),
  };
}
