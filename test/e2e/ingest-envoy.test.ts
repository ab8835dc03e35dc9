// One real Envoy, the configuration Loop prints, and the transport: everything arrives, and the connection between them is never lost.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { decodeMessage } from '../../src/wire/extproc/decode.ts';
import type { DecodedMessage } from '../../src/wire/extproc/decode.ts';
import { Part } from '../../src/wire/extproc/scanned.ts';
import type { CapturedStream } from '../support/capture-sink.ts';
import { startTestIngest } from '../support/ingest.ts';
import { patient } from '../support/patient.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const REQUESTS = 2000;
const AT_ONCE = 20;

test('2,000 exchanges, one connection, nothing lost', async () => {
  const path = join(temporaryDirectory(), 'sink.sock');
  const ingest = await startTestIngest({}, { kind: 'unix', path });
  onTestFinished(() => ingest.close());
  const app = await startApp();
  const config = sidecarYaml({
    speaker: { service: 'orders', instance: 'orders-1' },
    sink: { kind: 'unix', path },
    envoyVersion: { major: 1, minor: 40 },
    admin: socket('127.0.0.1', 0),
    inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
  });
  const envoy = await startEnvoy(patient(config));
  onTestFinished(() => envoy.stop());

  const origin = await envoy.listener('inbound');
  await inParallel(REQUESTS, AT_ONCE, (index) => send(origin, index));
  await ingest.sink.ends(REQUESTS);

  expect(ingest.sink.streams).toHaveLength(REQUESTS);
  for (const stream of ingest.sink.streams) {
    expect(stream.call).toMatchObject({
      vantage: { service: 'orders', instance: 'orders-1', direction: 'inbound' },
      protocol: 'http',
    });
    expect(stream.ends).toHaveLength(1);
    expect(exchangeOf(stream)).toEqual(expected(Number(exchangeOf(stream).path.slice(1))));
  }
  expect(new Set(ingest.sink.streams.map((stream) => exchangeOf(stream).path)).size).toBe(REQUESTS);

  // The other connection is that of the health check.
  expect(ingest.counters).toMatchObject({
    connectionsOpened: 2,
    connectionsClosed: 0,
    callsOpened: REQUESTS,
    faults: 0,
  });
  const cluster = await envoy.stats(
    '^cluster.loop_sink.upstream_(cx_total|cx_destroy|cx_destroy_with_active_rq|rq_rx_reset|rq_pending_overflow)$',
  );
  expect(cluster).toEqual({
    'cluster.loop_sink.upstream_cx_total': 1,
    'cluster.loop_sink.upstream_cx_destroy': 0,
    'cluster.loop_sink.upstream_cx_destroy_with_active_rq': 0,
    'cluster.loop_sink.upstream_rq_rx_reset': 0,
    'cluster.loop_sink.upstream_rq_pending_overflow': 0,
  });
  const filter = await envoy.stats('ext_proc.*(streams_started|streams_failed|failure_mode_allowed)$');
  const inbound = Object.fromEntries(Object.entries(filter).map(([name, value]) => [name.split('.').at(-1), value]));
  expect(inbound).toEqual({ streams_started: REQUESTS, streams_failed: 0, failure_mode_allowed: 0 });
});

/** Answers with as many bytes as the path's number asks for, and a status that depends on it. */
async function startApp(): Promise<number> {
  const server = http.createServer((request, response) => {
    request.resume().once('end', () => {
      const index = Number(request.url?.slice(1));
      response.writeHead(statusFor(index)).end(responseBody(index));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });

async function send(origin: string, index: number): Promise<void> {
  const request = http.request(`${origin}/${index}`, { method: 'POST', agent });
  request.end(requestBody(index));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  expect(response.statusCode).toBe(statusFor(index));
  response.resume();
  await once(response, 'end');
}

async function inParallel(count: number, atOnce: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
}

const statusFor = (index: number): number => (index % 10 === 0 ? 500 : 200);
const requestBody = (index: number): Buffer => Buffer.alloc((index * 37) % 5000, `q${index}`);
/** Mostly small; every 500th is larger than any one message. */
const responseBody = (index: number): Buffer =>
  Buffer.alloc(index % 500 === 7 ? 3_000_000 : (index * 91) % 20_000, `a${index}`);

interface Seen {
  readonly path: string;
  readonly status: string;
  readonly request: string;
  readonly response: string;
  /** Both end marks were there. */
  readonly complete: boolean;
}

function expected(index: number): Seen {
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  return {
    path: `/${index}`,
    status: String(statusFor(index)),
    request: digest(requestBody(index)),
    response: digest(responseBody(index)),
    complete: true,
  };
}

function exchangeOf(stream: CapturedStream): Seen {
  const messages = stream.messages
    .map((bytes) => decodeMessage(bytes))
    .filter((message): message is DecodedMessage => 'part' in message);
  const header = (part: Part, name: string): string =>
    messages.find((message) => message.part === part)?.headers?.find((candidate) => candidate.name === name)?.value ??
    '';
  const digest = (part: Part): string => {
    const hash = createHash('sha256');
    for (const message of messages) if (message.part === part && message.body !== undefined) hash.update(message.body);
    return hash.digest('hex');
  };
  const ends = (parts: readonly Part[]): boolean =>
    messages.some((message) => message.endOfStream && parts.includes(message.part));
  return {
    path: header(Part.requestHeaders, ':path'),
    status: header(Part.responseHeaders, ':status'),
    request: digest(Part.requestBody),
    response: digest(Part.responseBody),
    complete: ends([Part.requestHeaders, Part.requestBody]) && ends([Part.responseHeaders, Part.responseBody]),
  };
}
