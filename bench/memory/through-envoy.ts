/** What a client can do to loopd's memory through a real Envoy with the configuration as shipped. */
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { socket as at } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { startEnvoy } from '../../test/support/running-envoy.ts';
import type { RunningEnvoy } from '../../test/support/running-envoy.ts';
import type { Done } from './canned.ts';
import type { Stage } from './stage.ts';

const CHUNK = Buffer.alloc(256 * 1024, 'b');
const EVENT = Buffer.from(`data: ${'e'.repeat(1000)}\n\n`);

/** What is over for its client is a moment later for the sink. */
const SENT_MS = 1000;

/** Envoy and the service behind it. */
interface Path extends AsyncDisposable {
  readonly url: string;
  /** ProcessingRequests that Envoy says it has sent. */
  sent(): Promise<number>;
}

/** A body of so many bytes, up and then down again. */
export async function bigBody(stage: Stage, bytes: number): Promise<Done> {
  await using path = await openPath(stage);
  const began = performance.now();
  const request = http.request(`${path.url}/big?bytes=${bytes}`, { method: 'POST' });
  const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
  for (let sent = 0; sent < bytes; sent += CHUNK.length) if (!request.write(CHUNK)) await once(request, 'drain');
  request.end();
  const [response] = await answered;
  const received = await drain(response);
  const seconds = (performance.now() - began) / 1000;
  const said = `${bytes} bytes up, ${received} down, ${Math.round((2 * bytes) / 1e6 / seconds)} MB/s`;
  return { messages: await path.sent(), said };
}

/** An event stream that nobody ends for so long. */
export async function endlessEvents(stage: Stage, seconds: number): Promise<Done> {
  await using path = await openPath(stage);
  const [response] = (await once(http.get(`${path.url}/events`), 'response')) as [http.IncomingMessage];
  const stop = setTimeout(() => response.destroy(), seconds * 1000);
  const received = await drain(response);
  clearTimeout(stop);
  return { messages: await path.sent(), said: `${received} bytes of events in ${seconds} s` };
}

async function drain(response: http.IncomingMessage): Promise<number> {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => (bytes += chunk.length));
  response.on('error', () => undefined);
  await once(response, 'close');
  return bytes;
}

async function openPath(stage: Stage): Promise<Path> {
  const server = http.createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const envoy = await startEnvoy(
    sidecarYaml({
      speaker: { service: 'big', instance: 'big-1' },
      sink: { kind: 'unix', path: join(stage.data, 'sink.sock') },
      envoyVersion: { major: 1, minor: 40 },
      admin: at('127.0.0.1', 0),
      inbound: { listen: at('127.0.0.1', 0), app: at('127.0.0.1', port) },
    }),
  );
  const url = await envoy.listener('inbound');
  return {
    url,
    sent: () => sentBy(envoy),
    async [Symbol.asyncDispose]() {
      await envoy.stop();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Also what it sends of an exchange that its client has seen the end of. */
async function sentBy(envoy: RunningEnvoy): Promise<number> {
  await delay(SENT_MS);
  const stats = await envoy.stats('ext_proc.loop_inbound.stream_msgs_sent');
  return Object.values(stats).reduce((sum, value) => sum + value, 0);
}

async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://big');
  request.resume();
  await once(request, 'end');
  if (pathname === '/events') return sendEvents(response);
  const bytes = Number(searchParams.get('bytes'));
  for (let sent = 0; sent < bytes; sent += CHUNK.length) if (!response.write(CHUNK)) await once(response, 'drain');
  response.end();
}

async function sendEvents(response: http.ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  while (!gone.signal.aborted)
    if (!response.write(EVENT)) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    else await new Promise((resolve) => setImmediate(resolve));
}
