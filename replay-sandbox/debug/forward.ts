/** A port of this machine's loopback that leads to a port inside the sandbox, for the debugger. */
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ReplayError } from '../error.ts';
import type { PauseWatcher } from './debugger.ts';

export interface Forward {
  /** On 127.0.0.1. */
  readonly port: number;
  /** A debugger that is just taking its leave is answered first. */
  close(): Promise<void>;
}

export interface Forwarding {
  /** Whoever comes before it resolves waits. */
  readonly opens?: Promise<void>;
  /** Reads along, anew for each connection. */
  readonly watch?: () => PauseWatcher;
}

/** Between a debuggee that lets go and its word for it. */
const FAREWELL_MS = 1000;

/** `port` 0 lets the system choose. Throws ReplayError `debugger` when the port is taken. */
export async function forwardPort(
  port: number,
  connect: () => Promise<Socket>,
  { opens, watch }: Forwarding = {},
): Promise<Forward> {
  const open = new Set<Socket>();
  const watchers = new Set<PauseWatcher>();
  const enter = async (outer: Socket): Promise<void> => {
    open.add(outer);
    outer.on('error', () => outer.destroy());
    await opens;
    // Who has left meanwhile must not use up the only connection of a debuggee that takes one.
    if (outer.destroyed) return;
    const watcher = watch?.();
    if (watcher !== undefined) watchers.add(watcher);
    await join(outer, connect, open, watcher);
  };
  const server = createServer((outer) => void enter(outer));
  await listening(server, port);
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      const farewells = Array.from(watchers, async (watcher) => watcher.farewell?.());
      await Promise.race([Promise.all(farewells), delay(FAREWELL_MS, undefined, { ref: false })]);
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
