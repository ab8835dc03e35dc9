import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ReplayError } from '../../../replay-sandbox/error.ts';
import type { ReadyOptions } from '../../../replay-sandbox/launch/ready.ts';
import { lastLines, waitUntilReady } from '../../../replay-sandbox/launch/ready.ts';
import { StageTime } from '../../../replay-sandbox/time/stage-time.ts';

async function serviceThat(answers: RequestListener): Promise<number> {
  const server = createServer(answers);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function connectTo(port: number) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

const never = new Promise<never>(() => undefined);

function wait(port: number, more: Partial<ReadyOptions> = {}): Promise<void> {
  return waitUntilReady({
    connect: () => connectTo(port),
    path: '/healthz',
    port,
    ended: never,
    timeoutMs: 10_000,
    time: new StageTime({ now: () => Date.now() }),
    output: () => '',
    ...more,
  });
}

describe('a service is ready', () => {
  it('when its path answers 2xx, however often it did not', async () => {
    const asked: string[] = [];
    const port = await serviceThat((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(asked.length < 4 ? 503 : 204).end();
    });
    await wait(port);
    expect(asked).toEqual(['/healthz', '/healthz', '/healthz', '/healthz']);
  });

  it('without a path, when it accepts', async () => {
    const port = await serviceThat(() => undefined);
    await expect(wait(port, { path: undefined })).resolves.toBeUndefined();
  });

  it('after it refused at first', async () => {
    let attempts = 0;
    const port = await serviceThat((_request, response) => void response.end());
    const late = () => ((attempts += 1) < 4 ? Promise.reject(new Error('refused')) : connectTo(port));
    await wait(port, { connect: late });
    expect(attempts).toBe(4);
  });
});

describe('a service is not', () => {
  it.each([
    [301, 'a redirection'],
    [500, 'an error'],
  ])('when it answers %d', async (status) => {
    const port = await serviceThat((_request, response) => void response.writeHead(status).end());
    await expect(wait(port, { timeoutMs: 200, output: () => 'line 1\nline 2\n' })).rejects.toMatchObject({
      code: 'not-ready',
      message: `The service does not answer GET /healthz on port ${port} with 2xx after 0.2 s.\nIts last lines:\nline 1\nline 2`,
    });
  });

  it('while a debugger holds it: that time does not count', async () => {
    const port = await serviceThat((_request, response) => void response.writeHead(asks < 8 ? 503 : 200).end());
    let asks = 0;
    const time = new StageTime({ now: () => Date.now() });
    time.pause('person');
    const connect = () => {
      asks += 1;
      return connectTo(port);
    };
    await wait(port, { connect, time, timeoutMs: 1 });
    expect(asks).toBeGreaterThanOrEqual(8);
  });

  it('when it accepts and never answers: that, too, is over in time, and so is the connection', async () => {
    const { promise: cut, resolve } = Promise.withResolvers<void>();
    const port = await serviceThat((request) => request.socket.once('close', () => resolve()));
    await expect(wait(port, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'not-ready' });
    await cut;
  });

  it('when not even the connection comes', async () => {
    const connect = () => new Promise<never>(() => undefined);
    await expect(wait(1, { timeoutMs: 100, connect })).rejects.toMatchObject({ code: 'not-ready' });
  });

  it('when it cuts the connection', async () => {
    const port = await serviceThat((request) => request.socket.destroy());
    await expect(wait(port, { timeoutMs: 200 })).rejects.toMatchObject({
      message: expect.stringMatching(/It printed nothing\.$/) as string,
    });
  });

  it('when it has ended: that is said at once', async () => {
    const ended = Promise.reject(new ReplayError('not-ready', 'it ended'));
    ended.catch(() => undefined);
    await expect(wait(1, { connect: () => Promise.reject(new Error('refused')), ended })).rejects.toThrow('it ended');
  });
});

it('the last lines are ten', () => {
  const output = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n');
  expect(lastLines(`${output}\n\n`).split('\n')).toEqual(['', 'Its last lines:', ...output.split('\n').slice(-10)]);
});
