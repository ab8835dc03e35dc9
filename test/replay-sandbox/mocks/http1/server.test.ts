import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReplayedCall } from '../../../../replay-sandbox/match/call.ts';
import { createHttpMock } from '../../../../replay-sandbox/mocks/http/mock.ts';
import type { Exchange } from '../../../../src/domain/exchange.ts';
import { exchange, message, T0 } from '../../../support/transaction.ts';

const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

async function serve(...recorded: readonly Exchange[]) {
  const calls: ReplayedCall[] = [];
  const mock = createHttpMock({
    answers: recorded.map((one) => ({ exchange: { ...one, peer: { name: 'pricing' } }, source: 'loop' })),
    log: { add: (call) => calls.push(call) },
    clock: { now: () => T0 },
    matters: () => true,
  });
  const server = createServer((socket) => mock.serve(socket, { name: 'pricing', address: '198.18.0.1', port: 80 }));
  open.push(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { calls, mock, port: (server.address() as AddressInfo).port };
}

/** The whole of what comes back for the bytes sent, and how the connection ended. */
async function talk(port: number, bytes: string): Promise<{ readonly text: string; readonly end: string }> {
  const socket = connect(port, '127.0.0.1');
  open.push(() => socket.destroy());
  const chunks: Buffer[] = [];
  let end = 'closed';
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => (end = error.code ?? 'error'));
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return { text: Buffer.concat(chunks).toString('latin1'), end };
}

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nhost: pricing\r\nconnection: close\r\n\r\n`;
const asked = (path: string) => message({ ':method': 'GET', ':path': path });

describe('an HTTP/1.1 peer from the recording', () => {
  it('answers with the recorded status, headers in order, repeats and body', async () => {
    const recorded = exchange(1, {
      request: asked('/p'),
      response: message(
        { ':status': '201', 'set-cookie': ['a=1', 'b=2'], 'x-odd': 'caf\u00e9', 'transfer-encoding': 'chunked' },
        'hello',
      ),
    });
    const { port, calls } = await serve(recorded);
    expect((await talk(port, GET('/p'))).text).toBe(
      'HTTP/1.1 201 Created\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nx-odd: caf\u00e9\r\ncontent-length: 5\r\nConnection: close\r\n\r\nhello',
    );
    expect(calls).toMatchObject([{ grade: 'exact', peer: 'pricing:80', summary: 'GET /p', exchange: recorded.id }]);
  });

  it('cuts an answer off where it was cut off', async () => {
    const { port, calls } = await serve(
      exchange(1, {
        request: asked('/p'),
        response: message({ ':status': '200', 'content-length': '100' }, 'half', { complete: false }),
      }),
    );
    const { text, end } = await talk(port, GET('/p'));
    expect(text.endsWith('\r\n\r\nhalf')).toBe(true);
    expect(end).toBe('closed');
    expect(calls[0]?.explanation).toEqual(['the recorded answer was cut off: so is this one']);
  });

  it('hangs where no answer was recorded', async () => {
    const { response: _none, ...unanswered } = exchange(1, { request: asked('/p') });
    const { port, calls } = await serve(unanswered);
    const socket = connect(port, '127.0.0.1');
    open.push(() => socket.destroy());
    let heard = false;
    socket.on('data', () => (heard = true));
    socket.write(GET('/p'));
    while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(calls[0]?.explanation).toEqual(['no answer was recorded: the call hangs, as it did']);
    expect(heard).toBe(false);
  });

  it('fails closed, and says what it missed', async () => {
    const { port, calls } = await serve(exchange(1, { request: asked('/p') }));
    const { text } = await talk(port, GET('/q'));
    expect(text).toMatch(/^HTTP\/1\.1 501 Not Recorded\r\n/);
    expect(text).toContain('GET /q: no recorded call asks this.');
    expect(calls).toMatchObject([{ grade: 'missed', matters: true }]);
  });

  it('loses only the connection that sends garbage', async () => {
    const { port } = await serve(exchange(1, { request: asked('/p') }));
    await talk(port, '\u0000\u0001\u0002 nonsense\r\n\r\n');
    expect((await talk(port, GET('/p'))).text).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('names what was never asked', async () => {
    const { mock } = await serve(exchange(1, { request: asked('/p') }));
    expect(mock.unused()).toEqual(['GET /p at pricing']);
  });
});
