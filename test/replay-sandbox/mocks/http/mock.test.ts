import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveRecorded } from '../../../support/http-mock.ts';
import { exchange, message } from '../../../support/transaction.ts';

const recorded = (method: string) =>
  exchange(1, {
    request: message({ ':method': method, ':path': '/p' }),
    response: message({ ':status': '200' }, 'hello'),
  });

/** The client preface and an empty SETTINGS frame; the server's first frame is its SETTINGS. */
const HTTP2 = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
const SETTINGS = 4;

/** Writes each piece when the one before is surely there, and gives the first bytes that come back. */
async function talk(port: number, pieces: readonly (string | Uint8Array)[]): Promise<Buffer> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  onTestFinished(() => void socket.destroy());
  const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  for (const piece of pieces) await new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)));
  return await answer;
}

describe('the version of HTTP is told by the first bytes', () => {
  it.each([
    ['GET', 'GET /p HTTP/1.1\r\nhost: pricing\r\n\r\n'],
    ['PROPFIND, which begins like the preface', 'PROPFIND /p HTTP/1.1\r\nhost: pricing\r\n\r\n'],
  ])('%s', async (method, text) => {
    for (const pieces of [[text], text.split('')]) {
      const { port } = await serveRecorded(recorded(method.split(',')[0] ?? ''));
      expect((await talk(port, pieces)).toString()).toMatch(/^HTTP\/1\.1 200 OK/);
    }
  });

  it('the preface, whole and byte by byte', async () => {
    const { port } = await serveRecorded(recorded('GET'));
    for (const pieces of [[HTTP2], Array.from(HTTP2, (byte) => Uint8Array.of(byte))])
      expect((await talk(port, pieces))[3]).toBe(SETTINGS);
  });

  it('nothing at all, and the connection is let go', async () => {
    const { port, calls } = await serveRecorded(recorded('GET'));
    const socket = connect(port, '127.0.0.1');
    socket.end('PRI');
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(calls).toEqual([]);
  });
});

it.each([
  [['h2', 'http/1.1'], 'h2'],
  [['http/1.1'], 'http/1.1'],
])('inside TLS a client that speaks %s gets %s', async (offered, chosen) => {
  const { port, authority } = await serveRecorded(recorded('GET'));
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'pricing', ca: authority, ALPNProtocols: offered });
  onTestFinished(() => void socket.destroy());
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  expect(socket.alpnProtocol).toBe(chosen);
});
