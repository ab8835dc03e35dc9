/** An HTTP/1.1 connection that becomes a WebSocket. https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ServerResponse } from '../../node-http.ts';
import type { Message } from '../../../src/domain/exchange.ts';
import { header } from '../../../src/domain/exchange.ts';
import { acceptOf } from '../../../src/wire/websocket/handshake.ts';
import { headersFrom } from '../../node-headers.ts';
import { headersToSend } from '../http/headers.ts';
import type { HttpPeers } from '../http/peers.ts';
import type { Dialled } from '../mock.ts';
import type { UpgradeAnswer } from '../websocket/upgrade.ts';
import { playWebSocket } from '../websocket/upgrade.ts';
import { sendMiss } from './reply.ts';

/** Made anew for this client. */
const OWN: ReadonlySet<string> = new Set([
  'sec-websocket-accept',
  'sec-websocket-extensions',
  'sec-websocket-protocol',
  'content-length',
]);

/** False when it is to be answered as if no upgrade had been asked for; `response` then writes to the connection. */
export function serveUpgrade(
  request: IncomingMessage,
  head: Uint8Array,
  peer: Dialled,
  peers: HttpPeers,
): { readonly response: InstanceType<typeof ServerResponse> } | undefined {
  const { method = 'GET', url = '/', socket } = request;
  const headers = headersFrom(request.rawHeaders);
  const missed = (explanation: readonly string[]): void => {
    const response = responseOn(request, socket);
    sendMiss(explanation, response);
    response.on('finish', () => socket.end());
  };
  const accept = (answer: UpgradeAnswer): Socket => {
    socket.setNoDelay(true);
    socket.write(answerText(answer, header(headers, 'sec-websocket-key') ?? ''), 'latin1');
    return socket;
  };
  const asked = { method, target: url, headers, body: new Uint8Array(0) };
  const reset = (): void => socket.destroySoon();
  const played = playWebSocket({ asked, peer, peers, accept, missed, reset, head });
  return played ? undefined : { response: responseOn(request, socket) };
}

function responseOn(request: IncomingMessage, socket: Socket): InstanceType<typeof ServerResponse> {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on('finish', () => socket.end());
  return response;
}

function answerText({ exchange, subprotocol, extensions }: UpgradeAnswer, key: string): string {
  const recorded: readonly Message[] = exchange.response === undefined ? [] : [exchange.response];
  const kept = recorded.flatMap((message) => headersToSend(message)).filter(({ name }) => !OWN.has(name));
  const own = [
    { name: 'Upgrade', value: 'websocket' },
    { name: 'Connection', value: 'Upgrade' },
    { name: 'Sec-WebSocket-Accept', value: acceptOf(key) },
    ...(subprotocol === undefined ? [] : [{ name: 'Sec-WebSocket-Protocol', value: subprotocol }]),
    ...(extensions === undefined ? [] : [{ name: 'Sec-WebSocket-Extensions', value: extensions }]),
  ];
  const lines = [...own, ...kept].map(({ name, value }) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`;
}
