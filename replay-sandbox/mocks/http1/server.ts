/** Recorded answers over HTTP/1.1. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createServer } from '../../node-http.ts';
import { asksForWebSocket } from '../../../src/wire/websocket/exchange.ts';
import { readBody } from '../http/body.ts';
import type { HttpPeers } from '../http/peers.ts';
import { headersFrom } from '../../node-headers.ts';
import type { Dialled } from '../mock.ts';
import { answerWriter, sendMiss, sendRecorded } from './reply.ts';
import { serveUpgrade } from './upgrade.ts';

export interface Http1Server {
  serve(socket: Socket, dialled: Dialled): void;
}

export function createHttp1Server(peers: HttpPeers): Http1Server {
  const dialled = new WeakMap<Socket, Dialled>();
  // Clients offer h2c on any request: that is nothing to wait for.
  const shouldUpgradeCallback = ({ method = '', rawHeaders }: IncomingMessage): boolean =>
    asksForWebSocket(method, headersFrom(rawHeaders));
  // A service that a debugger holds takes the time a person takes, in the middle of a request too.
  const timeouts = { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0 };
  const options = { insecureHTTPParser: false, ...timeouts, shouldUpgradeCallback };
  const server = createServer(options, (request, response) => {
    const peer = dialled.get(request.socket);
    if (peer !== undefined) void serveRequest(request, response, peer, peers);
  });
  server.on('upgrade', (request: IncomingMessage, _socket: Socket, head: Buffer) => {
    const peer = dialled.get(request.socket);
    const plain = peer && serveUpgrade(request, head, peer, peers);
    if (peer !== undefined && plain !== undefined) void serveRequest(request, plain.response, peer, peers);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    serve(socket, peer) {
      dialled.set(socket, peer);
      server.emit('connection', socket);
    },
  };
}

async function serveRequest(
  request: IncomingMessage,
  response: ServerResponse,
  peer: Dialled,
  peers: HttpPeers,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined || body === 'too-large') {
    response.writeHead(413).end();
    return;
  }
  const { method = 'GET', url = '/' } = request;
  peers.answer(
    peer,
    { method, target: url, headers: headersFrom(request.rawHeaders), body },
    {
      recorded: (exchange) => sendRecorded(exchange, response),
      missed: (explanation) => sendMiss(explanation, response),
      begin: () => answerWriter(response),
    },
  );
}
