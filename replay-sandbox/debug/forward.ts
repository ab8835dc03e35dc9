/** A port of this machine's loopback that leads to a port inside the sandbox, for the debugger. */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { ReplayError } from '../error.ts';
import type { PauseWatcher } from './debugger.ts';

export interface Forward {
  /** On 127.0.0.1. */
  readonly port: number;
  close(): void;
}

export interface Forwarding {
  /** Whoever comes before it resolves waits. */
  readonly opens?: Promise<void>;
  /** Reads along, anew for each connection. */
  readonly watch?: () => PauseWatcher;
}

/** `port` 0 lets the system choose. Throws ReplayError `debugger` when the port is taken. */
export async function forwardPort(
  port: number,
  connect: () => Promise<Socket>,
  { opens, watch }: Forwarding = {},
): Promise<Forward> {
  const open = new Set<Socket>();
  const enter = async (outer: Socket): Promise<void> => {
    open.add(outer);
    outer.on('error', () => outer.destroy());
    await opens;
    // Who has left meanwhile must not use up the only connection of a debuggee that takes one.
    if (!outer.destroyed) await join(outer, connect, open, watch?.());
  };
  const server = createServer((outer) => void enter(outer));
  await listening(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE' ? `Port ${port} is taken` : `Port ${port} cannot be listened on: ${error.message}`;
      reject(
        new ReplayError(
          'debugger',
          `${reason}; the debugger has no way in.`,
          '--inspect=0, which takes any free port.',
          { cause: error },
        ),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function join(
  outer: Socket,
  connect: () => Promise<Socket>,
  open: Set<Socket>,
  watcher: PauseWatcher | undefined,
): Promise<void> {
  const inner = await connect().catch(() => undefined);
  if (inner === undefined) {
    outer.destroy();
    return;
  }
  open.add(inner);
  inner.on('error', () => inner.destroy());
  outer.on('close', () => inner.destroy());
  inner.on('close', () => outer.destroy());
  outer.on('data', (bytes: Buffer) => watcher?.fromDebugger(bytes));
  inner.on('data', (bytes: Buffer) => watcher?.fromDebuggee(bytes));
  inner.on('close', () => watcher?.closed());
  outer.pipe(inner).pipe(outer);
  inner.resume();
}
