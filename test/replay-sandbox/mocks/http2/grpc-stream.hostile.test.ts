// Clients of a recorded gRPC stream that read nothing, or say nothing that is a message.
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { connect } from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mutate } from '../../../support/fuzz/bytes.ts';
import { Random } from '../../../support/fuzz/random.ts';
import { CHAT, frame, grpcStream } from '../../../support/grpc-stream.ts';
import { serveRecorded } from '../../../support/http-mock.ts';
import { until } from '../../../support/until.ts';

const HEADERS = { ':method': 'POST', ':path': CHAT, 'content-type': 'application/grpc', te: 'trailers' };

async function session(port: number): Promise<ClientHttp2Session> {
  const client = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => client.destroy());
  client.on('error', () => undefined);
  await new Promise((resolve) => client.once('connect', resolve));
  return client;
}

it('a client that does not read is waited for: of 80 MB that are due, little is held', async () => {
  const text = 'x'.repeat(1024 * 1024);
  // One message of 1 MB, recorded 80 times: what is held besides was written for this client.
  const one = frame(text);
  const recorded = grpcStream(1, [
    [1, '> go'],
    [2, '< x'],
    [3, '<0'],
  ]);
  const { response } = recorded;
  if (response === undefined) throw new Error('no answer');
  const body = Array.from({ length: 80 }, (_, index) => ({ at: response.startedAt + index / 100, bytes: one }));
  const { port, calls, mock } = await serveRecorded({ ...recorded, response: { ...response, body } });
  const client = await session(port);
  const before = process.memoryUsage().arrayBuffers;
  const stream = client.request(HEADERS);
  stream.on('error', () => undefined);
  stream.write(frame('go'));
  await new Promise((resolve) => stream.once('response', resolve));
  // What is on its way has come, whatever there is of it.
  for (let round = 0; round < 50; round += 1) await new Promise((resolve) => client.ping(resolve));
  mock.settle?.();
  const [, , sent = '81'] = /\((\d+) sent, (\d+) received\)/.exec(calls[0]?.summary ?? '') ?? [];
  expect(Number(sent)).toBeLessThan(5);
  // The recording itself is read once: each of its messages may be there once more.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2.5 * 80 * 1024 * 1024);
  stream.close();
});

describe('what is no stream', () => {
  /** 10^5 with LOOP_MUTATIONS=100000. */
  const rounds = Number(process.env['LOOP_MUTATIONS'] ?? 10_000);

  it('neither throws nor hangs, and the next client is served', async () => {
    const { port, calls, mock } = await serveRecorded(
      ...[1, 2, 3].map((number) =>
        grpcStream(number, [
          [1, '> one'],
          [2, '< 1'],
          [3, `> ${number}`],
          [4, '< 2'],
          [5, '>|'],
          [6, '<0'],
        ]),
      ),
    );
    const random = new Random(7);
    const whole = Buffer.concat([frame('one'), frame('2'), frame('one more of some length')]);
    let client = await session(port);
    let ended = 0;
    for (let round = 0; round < rounds; round += 50) {
      if (round % 2000 === 0) client = await session(port);
      const batch = Array.from({ length: 50 }, (_, index) => {
        const bytes = mutate(whole, random, frame('other')).subarray(0, 4096);
        return hostile(client, bytes, index % 3);
      });
      await Promise.all(batch);
      ended += batch.length;
    }
    expect(ended).toBeGreaterThanOrEqual(rounds);
    await until(
      () => calls,
      (all) => all.length >= rounds,
      10_000,
    );
    mock.settle?.();
    expect(calls.length).toBe(ended);
  }, 240_000);
});

/** Ends, leaves, or is left by the mock. */
function hostile(client: ClientHttp2Session, bytes: Uint8Array, how: number): Promise<void> {
  const stream: ClientHttp2Stream = client.request(HEADERS);
  return new Promise((resolve) => {
    stream.on('close', () => resolve());
    stream.on('error', () => undefined);
    stream.resume();
    const half = bytes.length >> 1;
    stream.write(bytes.subarray(0, half));
    if (how === 0) stream.end(bytes.subarray(half));
    else stream.write(bytes.subarray(half), () => setImmediate(() => stream.close(how === 1 ? 8 : 0)));
  });
}
