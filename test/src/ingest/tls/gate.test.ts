// TLS as strangers meet it: who is let in, who is not, and certificates that change while the sink runs.
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { writeFile } from 'node:fs/promises';
import * as http2 from 'node:http2';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { SETTLE_MS } from '../../../../src/ingest/limits.ts';
import { LoadProbe } from '../../../../src/ingest/load.ts';
import { threadPacing } from '../../../../src/ingest/pacing.ts';
import { stampOf, watchTls } from '../../../../src/ingest/tls/files.ts';
import type { Pace } from '../../../../src/ingest/surroundings.ts';
import type { TlsFiles } from '../../../../src/ingest/transport.ts';
import type { Certificate } from '../../../support/certificate.ts';
import { makeCertificate } from '../../../support/certificate.ts';
import { EnvoyCall } from '../../../support/extproc-client.ts';
import * as envoy from '../../../support/extproc.ts';
import { startTestIngest } from '../../../support/ingest.ts';
import type { TestIngest } from '../../../support/ingest.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };
/** The head of a record of TLS that announces 512 bytes. */
const HALF_A_HELLO = Buffer.of(0x16, 3, 1, 2, 0, 1);
let server: Certificate;
let sidecar: Certificate;

beforeAll(async () => {
  server = await makeCertificate('sink.test');
  sidecar = await makeCertificate('orders.test');
});

interface Sink {
  readonly ingest: TestIngest;
  readonly files: TlsFiles;
  readonly port: number;
}

async function start(asksWhoSpeaks = false, pace?: Pace): Promise<Sink> {
  const folder = temporaryDirectory();
  const path = (name: string): string => join(folder, name);
  await writeFile(path('cert.pem'), server.certificate);
  await writeFile(path('key.pem'), server.key);
  await writeFile(path('clients.pem'), sidecar.ca);
  const files = {
    cert: path('cert.pem'),
    key: path('key.pem'),
    ...(asksWhoSpeaks && { clientCa: path('clients.pem') }),
  };
  const ingest = await startTestIngest({}, { kind: 'tcp', host: '127.0.0.1', port: 0, tls: files }, undefined, pace);
  onTestFinished(() => ingest.close());
  return { ingest, files, port: ingest.address.kind === 'tcp' ? ingest.address.port : 0 };
}

function session({ port }: Sink, more: tls.ConnectionOptions = {}): http2.ClientHttp2Session {
  const made = http2.connect(`https://sink.test:${port}`, {
    createConnection: () =>
      tls.connect({ host: '127.0.0.1', port, servername: 'sink.test', ca: server.ca, ALPNProtocols: ['h2'], ...more }),
  });
  made.on('error', () => undefined);
  onTestFinished(() => made.destroy());
  return made;
}

async function records(sink: Sink, more: tls.ConnectionOptions = {}): Promise<void> {
  const before = sink.ingest.sink.streams.length;
  new EnvoyCall(session(sink, more), ORDERS).send(envoy.requestHeaders({ ':path': '/a' })).finish();
  await sink.ingest.sink.ends(before + 1);
  expect(sink.ingest.sink.streams.at(-1)?.lines).toContain('requestHeaders :path=/a');
}

test('a call over TLS arrives as any', async () => {
  const sink = await start();
  await records(sink);
  expect(sink.ingest.counters).toMatchObject({ connectionsOpened: 1, refused: { protocol: 0 } });
});

test('a sink that asks who speaks hears those its authority knows, and nobody else', async () => {
  const sink = await start(true);
  await records(sink, { cert: sidecar.certificate, key: sidecar.key });
  const stranger = await makeCertificate('stranger.test');
  for (const shown of [{}, { cert: stranger.certificate, key: stranger.key }]) {
    const { port } = sink;
    await closed(
      tls.connect({ host: '127.0.0.1', port, servername: 'sink.test', ca: server.ca, ALPNProtocols: ['h2'], ...shown }),
    );
  }
  expect(sink.ingest.counters.refused.protocol).toBe(2);
  expect(sink.ingest.counters.connectionsOpened).toBe(1);
});

test.each([
  ['speaks in the clear', (port: number) => connectPlain(port, '127.0.0.1').end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
  ['wants HTTP/1.1', (port: number) => tlsTo(port, ['http/1.1'])],
  ['names no protocol', (port: number) => tlsTo(port)],
])('who %s is let go, and others notice nothing', async (_, speak) => {
  const sink = await start();
  await closed(speak(sink.port));
  await records(sink);
  expect(sink.ingest.counters.refused.protocol).toBe(1);
});

/** However it comes about. */
function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function tlsTo(port: number, ALPNProtocols?: string[]): tls.TLSSocket {
  return tls.connect({
    host: '127.0.0.1',
    port,
    servername: 'sink.test',
    ca: server.ca,
    ...(ALPNProtocols && { ALPNProtocols }),
  });
}

async function connected(sink: Sink, count: number): Promise<readonly Socket[]> {
  const sockets = Array.from({ length: count }, () => connectPlain(sink.port, '127.0.0.1'));
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

test('forty peers that say nothing keep nobody out, and are let go after a while', async () => {
  const sink = await start();
  const silent = await connected(sink, 40);
  await records(sink);
  expect(sink.ingest.counters).toMatchObject({ connectionsOpened: 1, refused: { protocol: 0 } });
  const gone = Promise.all(silent.map(closed));
  sink.ingest.time.advance(SETTLE_MS);
  await gone;
  expect(sink.ingest.counters.refused.protocol).toBe(40);
  await records(sink);
});

test('forty handshakes at once take turns, those that never end included', async () => {
  const sink = await start();
  for (const socket of await connected(sink, 31)) socket.write(HALF_A_HELLO);
  for (let count = 0; count < 9; count++)
    new EnvoyCall(session(sink), ORDERS).send(envoy.requestHeaders({ ':path': '/a' })).finish();
  await sink.ingest.sink.ends(9);
  expect(sink.ingest.counters.connectionsOpened).toBe(9);
});

test('a socket that had more to read than fits is told as full, though TLS gives it in pieces', async () => {
  const counted = { sleeps: 0, ms: 0 };
  const pacing = threadPacing(
    () => 0,
    () => performance.now(),
    counted,
  );
  const probe = new LoadProbe(pacing, { now: () => performance.now(), active: () => 0, slept: () => 0 });
  const sink = await start(false, probe);
  await records(sink);
  expect(probe.sample().fullReads).toBe(0);
  new EnvoyCall(session(sink), ORDERS).send(envoy.requestBody('x'.repeat(4_000_000))).finish();
  await sink.ingest.sink.ends(2);
  expect(probe.sample().fullReads).toBeGreaterThan(0);
});

test('a certificate that is renewed is shown from then on; half of one is not', async () => {
  const sink = await start();
  await records(sink);
  const renewed = await makeCertificate('sink.test');
  const shown = async (): Promise<string | undefined> => {
    const socket = tls.connect({
      port: sink.port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ALPNProtocols: ['h2'],
    });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const first = await shown();
  // The watch looks by its own clock, and reads files in the background.
  const look = async (until: (now: string | undefined) => boolean): Promise<string | undefined> => {
    for (;;) {
      sink.ingest.time.advance(10_000);
      const now = await shown();
      if (until(now)) return now;
    }
  };
  await writeFile(sink.files.cert, renewed.certificate);
  const { counters } = sink.ingest;
  for (let round = 0; round < 5 || counters.refused.certificate === 0; round++)
    expect(await look(() => true)).toBe(first);
  expect(counters).toMatchObject({ certificates: { failing: 1 }, refused: { certificate: 1 } });
  await writeFile(sink.files.key, renewed.key);
  expect(await look((now) => now !== first)).not.toBe(first);
  expect(counters).toMatchObject({ certificates: { failing: 0 }, refused: { certificate: 1 } });
  await records(sink, { ca: renewed.ca });
});

test('what was renewed while it was first read is not missed', async () => {
  const { files, ingest } = await start();
  const stamp = await stampOf(files);
  const renewed = await makeCertificate('sink.test');
  await writeFile(files.cert, renewed.certificate);
  await writeFile(files.key, renewed.key);
  const heard = Promise.withResolvers<unknown>();
  const failed = () => heard.reject(new Error('It fits.'));
  onTestFinished(watchTls(files, stamp, ingest.time.schedule, { renewed: heard.resolve, failed }));
  expect(await heard.promise).toMatchObject({ cert: Buffer.from(renewed.certificate) });
});

test('files that are missing or do not fit are said by name', async () => {
  const folder = temporaryDirectory();
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const listening = (): Promise<TestIngest> =>
    startTestIngest({}, { kind: 'tcp', host: '127.0.0.1', port: 0, tls: files });
  await expect(listening()).rejects.toMatchObject({
    code: 'bad-certificate',
    message: expect.stringContaining('cert.pem cannot be read'),
  });
  await writeFile(files.cert, server.certificate);
  await writeFile(files.key, sidecar.key);
  await expect(listening()).rejects.toMatchObject({
    code: 'bad-certificate',
    message: expect.stringContaining('no certificate with its key'),
  });
});
