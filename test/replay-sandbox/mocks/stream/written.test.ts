import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { written } from '../../../../replay-sandbox/mocks/stream/written.ts';
import { Pongs } from '../../../../replay-sandbox/mocks/websocket/pongs.ts';
import type { StreamMessage } from '../../../../src/wire/stream.ts';

const listeners = (stream: PassThrough) => [stream.listenerCount('drain'), stream.listenerCount('close')];

it('a write waits for its reader, and leaves nothing behind', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const before = listeners(stream);
  for (let turn = 0; turn < 100; turn += 1) {
    const waits = written(stream, Buffer.from('frame'));
    expect(waits).toBeInstanceOf(Promise);
    stream.read();
    await waits;
  }
  expect(listeners(stream)).toEqual(before);
  stream.read();
  expect(written(new PassThrough(), Buffer.from('x'))).toBeUndefined();
});

it('what its reader never takes is told when the connection is gone', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const before = listeners(stream);
  const waits = written(stream, Buffer.from('frame'));
  stream.destroy();
  await expect(waits).rejects.toThrow('closed');
  expect(listeners(stream)).toEqual(before);
});

const ping = (text: string): StreamMessage => ({
  side: 'client',
  at: 0,
  kind: 'ping',
  bytes: Buffer.from(text),
  summary: 'ping',
});

it('of the pings of a client that does not read the last is answered', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const sent: string[] = [];
  const pongs = new Pongs('server', ({ side, kind, bytes }) => {
    sent.push(`${side} ${kind} ${Buffer.from(bytes).toString()}`);
    return written(stream, bytes);
  });
  for (let turn = 1; turn <= 1000; turn += 1) pongs.answer(ping(`ping ${turn}`));
  expect(sent).toEqual(['server pong ping 1']);
  const drained = once(stream, 'drain');
  stream.read();
  await drained;
  await Promise.resolve();
  expect(sent).toEqual(['server pong ping 1', 'server pong ping 1000']);
  stream.destroy();
});
