import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

/**
 * Below the ports that Linux (32768 on) and others (49152 on) give to outgoing connections and to whoever asks for any port: nothing but a
 * server that wants just this port takes one of them between the look and the use.
 */
const FIRST = 20_000;
const BEHIND = 32_768;
const TRIES = 200;

/** Free loopback ports. All are held until all are known, so none comes twice; they are free again when this resolves. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: [number, Server][] = [];
  try {
    for (let tries = 0; held.length < count; tries++) {
      if (tries > count + TRIES) throw new Error(`No ${count} free ports between ${FIRST} and ${BEHIND}.`);
      const port = randomInt(FIRST, BEHIND);
      const server = await hold(port);
      if (server !== undefined) held.push([port, server]);
    }
    return held.map(([port]) => port);
  } finally {
    await Promise.all(held.map(([, server]) => release(server)));
  }
}

/** Undefined when somebody has it. */
function hold(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
