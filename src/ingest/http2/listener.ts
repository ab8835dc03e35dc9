import { createServer } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { ListenOptions, Server, Socket } from 'node:net';
import { IngestError } from '../error.ts';
import { KEEPALIVE_MS } from '../limits.ts';
import type { TransportSurroundings } from '../surroundings.ts';
import { readTls, stampOf, watchTls } from '../tls/files.ts';
import { TlsGate } from '../tls/gate.ts';
import type { ListenAddress, TlsFiles } from '../transport.ts';
import { clearStaleSocket, restrictSocket } from '../unix-socket.ts';

export interface Listener {
  /** As it was bound. */
  readonly address: ListenAddress;
  /** Takes no more connections; those that are there stay. Idempotent. */
  close(): void;
}

type Connected = (socket: Socket) => void;

/** Rejects with IngestError `listen-failed`, `bad-certificate`. */
export async function listenOn(
  address: ListenAddress,
  around: TransportSurroundings,
  connected: Connected,
): Promise<Listener> {
  if (address.kind === 'unix' || address.tls === undefined) return listenPlain(address, connected);
  const { gate, unwatch } = await openGate(address.tls, around, connected);
  const listener = await listenPlain(address, (socket) => gate.accept(socket)).catch((error: unknown) => {
    unwatch();
    throw error;
  });
  const close = (): void => {
    listener.close();
    unwatch();
    gate.close();
  };
  return { address: listener.address, close };
}

async function openGate(
  files: TlsFiles,
  around: TransportSurroundings,
  opened: Connected,
): Promise<{ readonly gate: TlsGate; readonly unwatch: () => void }> {
  const { schedule, counters } = around;
  const refused = (): void => void (counters.refused.protocol += 1);
  const stamp = await stampOf(files);
  const gate = new TlsGate(await readTls(files), { opened, refused }, around);
  let failing = 0;
  const fails = (now: 0 | 1): void => {
    counters.certificates.failing += now - failing;
    failing = now;
  };
  const renewed = (material: SecureContextOptions): void => {
    fails(0);
    gate.renew(material);
  };
  const failed = (): void => {
    fails(1);
    counters.refused.certificate += 1;
  };
  return { gate, unwatch: watchTls(files, stamp, schedule, { renewed, failed }) };
}

async function listenPlain(address: ListenAddress, connected: Connected): Promise<Listener> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS }, connected);
  if (address.kind === 'unix') {
    await clearStaleSocket(address.path);
    await bind(server, { path: address.path }, `unix:${address.path}`);
    await restrictSocket(address.path);
  } else await bind(server, { host: address.host, port: address.port }, `${address.host}:${address.port}`);
  // Without a listener it would end the thread: a connection that could not be accepted is the sidecar's to make again.
  server.on('error', () => undefined);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return { address: address.kind === 'tcp' ? { ...address, port } : address, close: () => void server.close() };
}

function bind(server: Server, options: ListenOptions, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void =>
      reject(
        new IngestError(
          'listen-failed',
          `Cannot listen on ${target}: ${error.message}`,
          'Name another address, or stop what uses it.',
          { cause: error },
        ),
      );
    server.once('error', failed);
    server.listen(options, () => {
      server.off('error', failed);
      resolve();
    });
  });
}
