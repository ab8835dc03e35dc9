/** Our server side of HTTP/2 on a socket of its own, with nothing of a transport around it. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Http2Connection } from '../../src/wire/http2/connection.ts';
import type { Http2Events, Http2Fault } from '../../src/wire/http2/connection.ts';
import { DEFAULT_HTTP2_LIMITS } from '../../src/wire/http2/limits.ts';

export interface Http2Server extends AsyncDisposable {
  readonly port: number;
  /** Why connections were ended. */
  readonly faults: readonly Http2Fault[];
}

/** `events` of each connection, which it may answer on. */
export async function serveHttp2(events: (connection: () => Http2Connection) => Http2Events): Promise<Http2Server> {
  const faults: Http2Fault[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const connection: Http2Connection = new Http2Connection(
      events(() => connection),
      DEFAULT_HTTP2_LIMITS,
      () => performance.now(),
    );
    const flush = (): void => {
      const output = connection.takeOutput();
      if (output !== undefined) socket.write(output);
      if (connection.fault !== undefined) socket.end();
    };
    socket.on('data', (chunk: Buffer) => {
      connection.receive(chunk);
      flush();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (connection.fault !== undefined) faults.push(connection.fault);
      connection.lost();
    });
    flush();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  return { port, faults, [Symbol.asyncDispose]: close };
}
