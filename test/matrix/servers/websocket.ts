/**
 * A WebSocket server that keeps its own ledger of messages. The path tells what it does, the query how:
 *
 * - /echo      says back what it hears, packed where the client offers it; `bye` makes it close with 1001
 * - /feed      `count` prices, `gap` ms between them, in `fragments` each, after a greeting; then it closes with `code`, 1006 breaks off
 * - /rooms     the subprotocol `rooms.v2`; speaks when it is spoken to, about `room`; pings, and tells that it was answered
 * - /refused   no upgrade: 401
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import { until } from '../../support/until.ts';
import type { Logged, MatrixServer, ServerKind } from './server.ts';

export const websocketServer: ServerKind = { transport: 'http', usualPort: 80, canonical: (text) => text, start };

async function start(): Promise<MatrixServer> {
  const lines: Line[] = [];
  const http = createServer();
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => (offered.has('rooms.v2') ? 'rooms.v2' : false),
  });
  http.on('upgrade', (request: IncomingMessage, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://target');
    if (url.pathname === '/refused') {
      lines.push({ target: `GET ${request.url ?? ''}`, isOver: () => true });
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\nconnection: close\r\n\r\nwho?');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      lines.push(new Connection(client, url));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    port: (http.address() as AddressInfo).port,
    version: 'ws 8, server',
    env: {},
    async statements() {
      await until(
        () => lines,
        (all) => all.every((line) => line.isOver()),
      );
      return lines.map(logged);
    },
    async stop() {
      for (const client of sockets.clients) client.terminate();
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
}

interface Line {
  readonly target: string;
  readonly sent?: number;
  readonly received?: number;
  isOver(): boolean;
}

/** As the replay's calls call it. */
function logged({ target, sent, received }: Line): Logged {
  if (sent === undefined || received === undefined) return { connection: 'calls', text: target };
  const text = `${target} (${sent} sent, ${received} received)`;
  return { connection: 'calls', text, messages: sent + received };
}

class Connection implements Line {
  readonly target: string;
  readonly #socket: WebSocket;
  readonly #query: URLSearchParams;
  sent = 0;
  received = 0;

  constructor(socket: WebSocket, url: URL) {
    this.target = url.pathname + url.search;
    this.#socket = socket;
    this.#query = url.searchParams;
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, binary: boolean) => {
      this.sent += 1;
      this.#heard(url.pathname, data, binary);
    });
    if (url.pathname === '/feed') void this.#feed();
  }

  isOver(): boolean {
    return this.#socket.readyState === WebSocket.CLOSED;
  }

  #say(data: string | Buffer): void {
    this.received += 1;
    this.#socket.send(data);
  }

  #heard(path: string, data: Buffer, binary: boolean): void {
    if (path === '/echo') {
      if (data.toString() === 'bye') this.#socket.close(1001, 'going away');
      else this.#say(binary ? data : data.toString());
    }
    if (path === '/rooms') this.#room(JSON.parse(data.toString()) as Readonly<Record<string, string>>);
  }

  #room({ ask = '' }: Readonly<Record<string, string>>): void {
    const room = this.#query.get('room') ?? '';
    if (ask !== 'ping') return this.#say(JSON.stringify({ room, answer: `${ask} in ${room}` }));
    this.#socket.ping('alive');
    this.#socket.once('pong', (data) => this.#say(JSON.stringify({ room, pong: data.toString() })));
  }

  async #feed(): Promise<void> {
    const number = (name: string, otherwise: number): number => Number(this.#query.get(name) ?? otherwise);
    this.#say('welcome');
    for (let count = 1; count <= number('count', 3); count += 1) {
      this.#fragmented(JSON.stringify({ price: count, note: 'ä'.repeat(number('size', 10)) }), number('fragments', 1));
      await delay(number('gap', 2));
    }
    const code = number('code', 1000);
    // What was said goes out before.
    if (code === 1006) await delay(50);
    if (code === 1006) this.#socket.terminate();
    else this.#socket.close(code, `closed with ${code}`);
  }

  #fragmented(text: string, fragments: number): void {
    this.received += 1;
    const size = Math.ceil(text.length / fragments);
    for (let at = 0; at < text.length; at += size)
      this.#socket.send(text.slice(at, at + size), { fin: at + size >= text.length });
  }
}
