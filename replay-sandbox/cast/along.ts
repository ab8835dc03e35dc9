/** Bytes between a service and a real peer pass untouched; whoever wants to know what they say reads along. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** It only reads: bytes pass whatever it makes of them. Never throws. */
export interface ReadAlong {
  fromClient(bytes: Uint8Array): void;
  fromServer(bytes: Uint8Array): void;
  /** That side sends nothing more. */
  serverEnded?(): void;
  /** Nothing more passes. */
  closed(): void;
}

/** Joins two connections: ends, resets and the pace of either side are the other's too. */
export function join(client: Socket, server: Socket, along: ReadAlong): void {
  let isOver = false;
  const over = (): void => {
    if (isOver) return;
    isOver = true;
    along.closed();
  };
  client.on('data', (bytes: Buffer) => along.fromClient(bytes));
  server.on('data', (bytes: Buffer) => along.fromServer(bytes));
  server.on('end', () => along.serverEnded?.());
  for (const [one, other] of [
    [client, server],
    [server, client],
  ] as const) {
    // An end of one direction is none of the other.
    one.allowHalfOpen = true;
    one.on('error', () => reset(other));
    one.on('close', () => {
      over();
      if (!one.readableEnded) reset(other);
      else if (!other.destroyed) other.end();
    });
    one.pipe(other);
  }
}

/** As far as a connection can tell: what carries TLS can only end. */
export function reset(socket: Socket): void {
  if (socket.destroyed) return;
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
