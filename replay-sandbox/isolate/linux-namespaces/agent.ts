/**
 * Runs inside one network namespace of the sandbox. A socket belongs to the namespace it was made in, wherever it is
 * used: so this makes them and passes them to the process outside, which then serves them itself.
 */
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import type { SendHandle } from 'node:child_process';
import type { AgentMessage, AgentRequest } from './agent-protocol.ts';

process.on('message', (request: AgentRequest) => handle(request));
process.on('disconnect', () => process.exit(0));
tell({ kind: 'up' });

function handle(request: AgentRequest): void {
  switch (request.kind) {
    case 'listen':
      return listen(request.id, request.port, request.host);
    case 'listen-udp':
      return listenUdp(request.id, request.port, request.host);
    case 'connect':
      return tryConnect(request.id, request.port, request.hosts);
  }
}

function listen(id: number, port: number, host: string): void {
  const server = createServer({ pauseOnConnect: true });
  server.once('error', (error) => fail(id, error));
  server.listen({ port, host, backlog: 511 }, () => hand(id, server, () => server.close()));
}

function listenUdp(id: number, port: number, host: string): void {
  const socket = createSocket('udp4');
  socket.once('error', (error) => fail(id, error));
  socket.bind(port, host, () => hand(id, socket, () => socket.close()));
}

function tryConnect(id: number, port: number, [host, ...others]: readonly string[]): void {
  const socket = connect({ port, host: host ?? '' });
  socket.once('error', (error) => (others.length > 0 ? tryConnect(id, port, others) : fail(id, error)));
  socket.once('connect', () => {
    // Not a byte may be read here: a server that speaks first would lose it.
    socket.pause();
    hand(id, socket, () => {});
  });
}

function hand(id: number, handle: SendHandle, letGo: () => void): void {
  const message: AgentMessage = { id, kind: 'handle' };
  process.send?.(message, handle, {}, () => {
    letGo();
    tell({ id, kind: 'done' });
  });
}

function fail(id: number, error: Error): void {
  tell({ id, kind: 'failed', errno: 'code' in error ? String(error.code) : error.message });
}

function tell(message: AgentMessage): void {
  process.send?.(message);
}
