import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/**
 * Free loopback ports, chosen by the operating system. All are held until all are known, so none comes twice. They are free again when
 * this resolves: a process that takes one in between makes the later bind fail, loudly.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => hold()));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => release(server)));
  return ports;
}

function hold(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

function release(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
