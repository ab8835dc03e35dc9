/**
 * A server of event streams and long downloads, with its own ledger. The path tells what it does, the query how:
 *
 * - /events     `total` events, at most `each` a connection: then it ends, or breaks off (`cut=1`); goes on behind `Last-Event-ID`; the last is `done`
 * - /download   `kib` KiB in pieces of 64 KiB, `gap` ms between them; broken off after `cut` pieces where that is given
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Logged, MatrixServer, ServerKind } from './server.ts';

export const sseServer: ServerKind = { transport: 'http', usualPort: 80, canonical: (text) => text, start };

async function start(): Promise<MatrixServer> {
  const answers: Answer[] = [];
  const server = createServer((request, response) => answers.push(serve(request, response)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    version: `node:http ${process.versions.node}`,
    env: {},
    async statements() {
      await until(
        () => answers,
        (all) => all.every(({ response }) => response.closed),
      );
      return answers.map(logged);
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Answer {
  readonly target: string;
  readonly response: ServerResponse;
  /** Of an event stream. */
  events?: number;
}

/** As the replay's calls call it. */
function logged({ target, events }: Answer): Logged {
  if (events === undefined) return { connection: 'calls', text: target };
  return { connection: 'calls', text: `${target} (${events} received)`, messages: events };
}

function serve(request: IncomingMessage, response: ServerResponse): Answer {
  const url = new URL(request.url ?? '/', 'http://target');
  const answer: Answer = { target: `GET ${request.url ?? ''}`, response };
  const number = (name: string): number => Number(url.searchParams.get(name) ?? 0);
  if (url.pathname === '/events') {
    answer.events = 0;
    void events(answer, number, Number(request.headers['last-event-id'] ?? 0));
  } else void download(response, number);
  return answer;
}

async function events(answer: Answer, number: (name: string) => number, last: number): Promise<void> {
  const { response } = answer;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(': hello\n\nretry: 20\n\n');
  answer.events = 1;
  const end = Math.min(number('total'), last + number('each'));
  for (let id = last + 1; id <= end; id += 1) {
    const type = id === number('total') ? 'done' : 'price';
    const text = `id: ${id}\r\nevent: ${type}\r\ndata: {"id":${id},\r\ndata: "note":"zwölf"}\r\n\r\n`;
    const bytes = Buffer.from(text);
    answer.events += 1;
    // A character is cut in two.
    const middle = bytes.indexOf('ö') + 1;
    response.write(bytes.subarray(0, middle));
    await delay(2);
    response.write(bytes.subarray(middle));
  }
  if (number('cut') === 1 && end < number('total')) response.socket?.destroySoon();
  else response.end();
}

async function download(response: ServerResponse, number: (name: string) => number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/octet-stream' });
  const pieces = Math.ceil(number('kib') / 64);
  for (let piece = 0; piece < pieces; piece += 1) {
    if (number('cut') > 0 && piece === number('cut')) return response.socket?.destroySoon();
    if (!response.write(Buffer.alloc(65_536, piece))) await once(response, 'drain');
    if (number('gap') > 0) await delay(number('gap'));
  }
  response.end();
}
