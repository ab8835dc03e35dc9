/** What passes between real services, and to peers that are let through: TLS, gRPC streams, WebSockets; and what does not. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { frame as grpcFrame } from '../support/grpc-stream.ts';
import { makeProject, nodeService, replayIn } from '../support/project.ts';
import type { RecordedCall } from '../support/recording.ts';
import { exchangeSegments } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { frame, framed, MASK } from '../support/websocket-frames.ts';

beforeEach(skipWithoutNamespaces);

const json = (value: unknown) => JSON.stringify(value);
const urlOf = (name: string) => fileURLToPath(import.meta.resolve(name));
const BOTH = ['--service', 'orders', '--service', 'pricing'];
const YAML = `version: 1
services:
  orders: { command: [node, orders.mjs], port: 8080, ready: /healthz }
  pricing: { command: [node, pricing.mjs], port: 8080 }
`;

/** orders asks `calls` of pricing, and answers `body`. */
const cascade = (calls: readonly RecordedCall[], body: unknown) => ({
  trigger: { path: '/buy', answer: { status: 500, body: json(body) }, lasted: 60 },
  calls: calls.map((call, index) => ({ at: index * 10 + 1, lasted: 8, ...call })),
  more: calls.flatMap((call, index) =>
    exchangeSegments(11 + index, 'pricing', 'inbound', { at: index * 10 + 2, lasted: 5, ...call }),
  ),
});

describe('inside TLS', () => {
  it('a gRPC stream goes to and fro between two services while it is open', async () => {
    const heard = ['heard first', 'heard second'];
    const project = makeProject({
      'loop.yaml': YAML,
      'orders.mjs':
        nodeService(
          `const call = pricing.makeBidiStreamRequest('/shop.Pricing/Watch', same, same);
    const heard = [];
    call.on('data', (bytes) => (heard.push(bytes.toString()) === 1 ? call.write(Buffer.from('second')) : call.end()));
    call.write(Buffer.from('first'));
    const { code } = await new Promise((resolve) => call.on('error', () => undefined).on('status', resolve));
    answer(500, { heard, code });`,
          `import grpc from '${urlOf('@grpc/grpc-js')}';
const same = (bytes) => bytes;
const pricing = new grpc.Client('pricing.test:443', grpc.credentials.createSsl());`,
        )['server.mjs'] ?? '',
      'pricing.mjs': `import grpc from '${urlOf('@grpc/grpc-js')}';
const same = (bytes) => bytes;
const server = new grpc.Server();
server.register('/shop.Pricing/Watch', (call) => {
  call.on('data', (bytes) => call.write(Buffer.from('heard ' + bytes)));
  call.on('end', () => call.end());
}, same, same, 'bidi');
server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), () => undefined);
`,
    });
    const call: RecordedCall = {
      method: 'POST',
      path: '/shop.Pricing/Watch',
      authority: 'pricing.test:443',
      scheme: 'https',
      protocol: 'HTTP/2',
      headers: { 'content-type': 'application/grpc', te: 'trailers' },
      body: Buffer.concat(['first', 'second'].map(grpcFrame)),
      answer: {
        status: 200,
        headers: { 'content-type': 'application/grpc' },
        body: Buffer.concat(heard.map(grpcFrame)),
        trailers: { 'grpc-status': '0' },
      },
    };
    const { report } = await replayIn(project, cascade([call], { heard, code: 0 }), BOTH);
    expect(report.calls).toMatchObject([
      { protocol: 'grpc', grade: 'real', explanation: ['answered grpc 0 OK', 'answered as recorded'] },
    ]);
    expect([report.outcome, report.refused, report.unused]).toEqual(['reproduced', [], []]);
  });

  it('a WebSocket, and a call beside it', async () => {
    const project = makeProject({
      'loop.yaml': YAML,
      'orders.mjs':
        nodeService(
          `const quote = await (await fetch('https://pricing.test/quote')).json();
    const socket = new WebSocket('wss://pricing.test/feed', { perMessageDeflate: false });
    const heard = [];
    socket.on('open', () => socket.send('first'));
    socket.on('message', (bytes) => (heard.push(String(bytes)) === 1 ? socket.send('second') : socket.close(1000)));
    const code = await new Promise((resolve) => socket.on('close', resolve).on('error', (error) => resolve(String(error))));
    answer(500, { quote, heard, code });`,
          `import { WebSocket } from '${urlOf('ws')}';`,
        )['server.mjs'] ?? '',
      'pricing.mjs': `import { createServer } from 'node:http';
import { WebSocketServer } from '${urlOf('ws')}';
const server = createServer((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('7'));
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  socket.on('message', (bytes) => socket.send('heard ' + bytes));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
`,
    });
    const peer = { authority: 'pricing.test:443', scheme: 'https' } as const;
    const upgrade = { upgrade: 'websocket', connection: 'Upgrade' };
    const text = (words: string) => frame('text', words);
    const feed: RecordedCall = {
      ...peer,
      path: '/feed',
      headers: { ...upgrade, 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' },
      body: framed([text('first'), text('second')], MASK),
      answer: { status: 101, headers: upgrade, body: framed([text('heard first'), text('heard 2nd')]) },
    };
    const quote: RecordedCall = { ...peer, path: '/quote', answer: { status: 200, body: '7' } };
    const body = { quote: 7, heard: ['heard first', 'heard second'], code: 1000 };
    const { report } = await replayIn(project, cascade([quote, feed], body), BOTH);
    expect(report.calls.map(({ protocol, grade, summary }) => `${protocol} ${summary} ${grade}`)).toEqual([
      'http GET /quote real',
      'websocket /feed real',
    ]);
    expect(report.calls[1]?.explanation?.join('\n')).toContain('recorded "heard 2nd", now "heard second"');
    expect([report.outcome, report.refused]).toEqual(['reproduced', []]);
  });
});

describe('--real', () => {
  it('shows the certificate of the peer itself; UDP and every other address stay refused', async () => {
    const { ca, certificate, key } = await makeCertificate('secure.test');
    const server = createServer({ cert: certificate, key }, (request, response) => response.end(`for ${request.url}`));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const udp = createSocket('udp4');
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    const heard: unknown[] = [];
    udp.on('message', (bytes) => heard.push(bytes));
    const project = makeProject({
      'ca.pem': ca,
      ...nodeService(
        `const tls = await new Promise((resolve) => get('https://secure.test:8443/x', { ca: readFileSync('ca.pem') }, async (response) => {
      const { issuer } = response.socket.getPeerCertificate();
      resolve([issuer.CN, (await response.toArray()).join('')]);
    }).on('error', (error) => resolve([error.code])));
    const outside = await new Promise((resolve) => connect(443, '203.0.113.9').on('connect', () => resolve('out')).on('error', ({ code }) => resolve(code)));
    const socket = createSocket('udp4').on('error', () => undefined);
    for (const [to, at] of [['secure.test', ${port}], ['203.0.113.9', 53]])
      await new Promise((resolve) => socket.send('out', at, to, resolve));
    answer(500, { tls, outside });`,
        `import { get } from 'node:https';
import { connect } from 'node:net';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';`,
      ),
    });
    const recording = { trigger: { answer: { status: 500, body: json({}) } } };
    const words = ['--real', `secure.test:8443=127.0.0.1:${port}`, '--clock', 'real'];
    const { report } = await replayIn(project, recording, words);
    server.close();
    udp.close();
    expect(report.replayed.body).toBe(json({ tls: ['An authority of a test', 'for /x'], outside: 'ECONNREFUSED' }));
    expect(report.calls).toMatchObject([{ protocol: 'tcp', peer: 'secure.test:8443', grade: 'real' }]);
    expect(report.real).toMatchObject([{ peer: 'secure.test:8443', address: `127.0.0.1:${port}`, connections: 1 }]);
    expect(report.refused.map(({ kind, target }) => `${kind} ${target}`).toSorted()).toEqual([
      'tcp 203.0.113.9:443',
      'udp 203.0.113.9:53',
      `udp secure.test:${port}`,
    ]);
    expect(heard).toEqual([]);
  });
});
