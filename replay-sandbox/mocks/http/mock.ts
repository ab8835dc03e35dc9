/** HTTP peers, over plain connections or inside TLS the router has already taken off. The first bytes tell the version. */
import type { Socket } from 'node:net';
import { createHttp1Server } from '../http1/server.ts';
import { serveHttp2 } from '../http2/server.ts';
import type { Mock } from '../mock.ts';
import type { HttpMockOptions } from './peers.ts';
import { HttpPeers } from './peers.ts';

/** How every HTTP/2 connection begins, by ALPN or by prior knowledge (RFC 9113 section 3.4); no HTTP/1.1 request does. */
const PREFACE = Buffer.from('PRI * HTTP/2.0');

export function createHttpMock(options: HttpMockOptions): Mock {
  const peers = new HttpPeers(options);
  const http1 = createHttp1Server(peers);
  return {
    protocol: 'http',
    serve(socket, dialled) {
      socket.on('error', () => socket.destroy());
      sniff(socket, (isHttp2) => {
        if (isHttp2) serveHttp2(socket, dialled, peers);
        else http1.serve(socket, dialled);
      });
    },
    unused: () => peers.unused(),
    unasked: () => peers.unasked(),
    settle: () => peers.settle(),
  };
}

/** Reads until the version is certain, and puts back what was read. */
function sniff(socket: Socket, decided: (isHttp2: boolean) => void, before = Buffer.alloc(0)): void {
  socket.once('readable', () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) {
      if (socket.readableEnded || socket.destroyed) socket.destroy();
      else sniff(socket, decided, before);
      return;
    }
    const seen = Buffer.concat([before, chunk]);
    const length = Math.min(seen.length, PREFACE.length);
    const matches = seen.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (matches && length < PREFACE.length) return sniff(socket, decided, seen);
    socket.unshift(seen);
    decided(matches);
  });
}
