// The bytes a real Envoy sends to its sink, for the generator to send again: the connection's first frames, the header block of a call, the messages.
//   LOOP_ENVOY=… node bench/load/capture.ts > bench/load/envoy-1.40.json
// A proxy between Envoy, with the configuration Loop prints, and the transport writes down what passes.
import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { PREFACE } from '../../test/support/http2-frames.ts';
import { startTestIngest } from '../../test/support/ingest.ts';
import { patient } from '../../test/support/patient.ts';
import { startEnvoy } from '../../test/support/running-envoy.ts';
import { framesOf } from './frames.ts';
import type { Frame } from './frames.ts';

const REQUEST_BYTES = 300;
const RESPONSE_BYTES = 700;
const CALLS = 3;
const LINGER_MS = 1500;
const DATA = 0;
const HEADERS = 1;
const RESET = 3;
const MAGIC = PREFACE.subarray(0, 24);
const ids = { order: '01234567', trace: '00112233445566778899aabbccddeeff', span: '0123456789abcdef' };

const calls = new Map<net.Socket, Buffer[]>();
const ingest = await startTestIngest();
if (ingest.address.kind !== 'tcp') throw new Error('The transport listens elsewhere.');
const { host, port } = ingest.address;
const tap = net.createServer((from) => {
  const to = net.connect(port, host);
  const seen: Buffer[] = [];
  calls.set(from, seen);
  from.on('data', (bytes: Buffer) => {
    seen.push(bytes);
    to.write(bytes);
  });
  to.pipe(from);
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const)
    one.on('error', () => undefined).on('close', () => other.destroy());
});
const app = http.createServer((request, response) => {
  request
    .resume()
    .once('end', () =>
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': RESPONSE_BYTES })
        .end(Buffer.alloc(RESPONSE_BYTES, 'r')),
    );
});
const envoy = await startEnvoy(
  patient(
    sidecarYaml({
      speaker: { service: 'orders', instance: 'orders-1' },
      sink: socket('127.0.0.1', await listening(tap)),
      envoyVersion: { major: 1, minor: 40 },
      admin: socket('127.0.0.1', 0),
      inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', await listening(app)) },
    }),
  ),
);
const origin = await envoy.listener('inbound');
const agent = new http.Agent({ keepAlive: true });
// The connection is made for the first one, whose header block fills the table that those of all others refer to.
for (let index = 0; index < CALLS; index++) {
  await order();
  await delay(100);
}
await delay(LINGER_MS);
process.stdout.write(`${JSON.stringify(written(), undefined, 1)}\n`);
agent.destroy();
await envoy.stop();
await ingest.close();
for (const server of [tap, app]) server.close();

async function listening(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It listens elsewhere.');
  return address.port;
}

async function order(): Promise<void> {
  const headers = { 'content-type': 'application/json', traceparent: `00-${ids.trace}-${ids.span}-01` };
  const request = http.request(`${origin}/orders/${ids.order}`, { method: 'POST', agent, headers });
  request.end(Buffer.alloc(REQUEST_BYTES, 'q'));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  await once(response.resume(), 'end');
}

function written() {
  const connections = [...calls.values()].map((chunks) => framesOf(Buffer.concat(chunks).subarray(MAGIC.length)));
  const frames = connections.find((all) => all.some(({ type }) => type === RESET)) ?? [];
  // The access log has a stream too, which nobody resets.
  const streams = frames.filter(({ type }) => type === RESET).map(({ stream }) => stream);
  const [first = 0, next = 0, last = 0] = streams;
  const of = (stream: number): readonly Frame[] => frames.filter((frame) => frame.stream === stream);
  const block = (stream: number): string =>
    of(stream)
      .find(({ type }) => type === HEADERS)
      ?.payload.toString('hex') ?? '';
  const messages = messagesOf(of(last)).map((bytes) => bytes.toString('hex'));
  const answer = messages.findIndex((message) => message.startsWith('1a'));
  const requestId = /x-request-id\x1a\$([0-9a-f-]{36})/.exec(Buffer.from(messages[0] ?? '', 'hex').toString('latin1'));
  if (block(next) !== block(last)) throw new Error('Header blocks of later calls differ.');
  return {
    from: 'Envoy 1.40, the configuration of `loopctl envoy config`, observability mode',
    ids: { ...ids, requestId: requestId?.[1] ?? '' },
    preface: Buffer.concat([MAGIC, ...frames.slice(0, 2).map(({ bytes }) => bytes)]).toString('hex'),
    firstBlock: block(first),
    laterBlock: block(last),
    request: messages.slice(0, answer),
    response: messages.slice(answer),
    end: of(last)
      .filter(({ type, flags }) => (type === DATA && flags === 1) || type === RESET)
      .map(({ bytes }) => bytes.toString('hex')),
  };
}

/** Without their prefixes. */
function messagesOf(frames: readonly Frame[]): readonly Buffer[] {
  const bytes = Buffer.concat(frames.filter(({ type }) => type === DATA).map(({ payload }) => payload));
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}
