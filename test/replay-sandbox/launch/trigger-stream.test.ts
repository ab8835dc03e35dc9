// Recorded streams, sent again to a service on grpc-js that is their server.
import { connect } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { grpcOutcome } from '../../../replay-sandbox/compare/answer.ts';
import { compareAnswers } from '../../../replay-sandbox/compare/compare.ts';
import { sendTrigger } from '../../../replay-sandbox/launch/trigger.ts';
import { bodyOf } from '../../../src/domain/exchange.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { readGrpcMessages } from '../../../src/wire/grpc/messages.ts';
import type { Said } from '../../support/grpc-stream.ts';
import { CHAT, grpcStream } from '../../support/grpc-stream.ts';
import { T0 } from '../../support/transaction.ts';

type Call = grpc.ServerDuplexStream<string, string>;

/** What it heard, with `|` where the client ended. */
async function serve(answer: (call: Call, heard: string) => void): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const server = new grpc.Server();
  onTestFinished(() => server.forceShutdown());
  const handle = (call: Call): void => {
    const hear = (what: string): void => {
      heard.push(what);
      answer(call, what);
    };
    call
      .on('data', hear)
      .on('end', () => hear('|'))
      .on('error', () => undefined);
  };
  server.register(
    CHAT,
    handle as never,
    (text: string) => Buffer.from(text),
    (bytes) => bytes.toString(),
    'bidi',
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { port, heard };
}

async function send(trigger: Exchange, port: number) {
  const answer = await sendTrigger(trigger, {
    connect: async () => await Promise.resolve(connect(port, '127.0.0.1')),
    signal: AbortSignal.timeout(10_000),
    clock: { now: () => performance.now() },
  });
  const messages = readGrpcMessages([answer.body], undefined).messages.map((bytes) => Buffer.from(bytes).toString());
  const { response } = trigger;
  const recorded = {
    status: 200,
    headers: response?.headers ?? [],
    trailers: response?.trailers ?? [],
    body: response === undefined ? new Uint8Array() : bodyOf(response),
  };
  const differs = compareAnswers(recorded, answer, { recordedAt: T0, now: T0 }).map(({ where }) => where);
  return { messages, code: grpcOutcome(answer)?.status, differs };
}

const FAILED: readonly Said[] = [
  [0, '> one'],
  [5, '< 1'],
  [10, '> two'],
  [15, '< 2'],
  [20, '>|'],
  [25, '<13'],
];

const failing = (call: Call, what: string): void => {
  if (what === '|') call.emit('error', { code: 13, details: '' });
  else call.write(what === 'one' ? '1' : '2');
};

describe('a stream whose server failed', () => {
  it('is sent again, message by message, as the service comes to it', async () => {
    const { port, heard } = await serve(failing);
    expect(await send(grpcStream(1, FAILED), port)).toEqual({ messages: ['1', '2'], code: 13, differs: [] });
    expect(heard).toEqual(['one', 'two', '|']);
  });

  it('differs by message', async () => {
    const { port } = await serve((call, what) => (what === '|' ? call.end() : call.write('3')));
    const { messages, code, differs } = await send(grpcStream(1, FAILED), port);
    expect([messages, code]).toEqual([['3', '3'], 0]);
    expect(differs).toEqual(['grpc-status', 'grpc-message', 'body[0]', 'body[1]']);
  });

  it('goes on when the service says less than it did', async () => {
    const { port, heard } = await serve((call, what) => (what === '|' ? call.end() : undefined));
    expect((await send(grpcStream(1, FAILED), port)).messages).toEqual([]);
    expect(heard).toEqual(['one', 'two', '|']);
  }, 20_000);

  it('is left by its client, as it was, when what came before has come', async () => {
    const { port, heard } = await serve((call) => call.write('1'));
    const left = grpcStream(1, [
      [0, '> one'],
      [5, '< 1'],
      [40, '>!'],
    ]);
    expect((await send(left, port)).messages).toEqual(['1']);
    expect(heard[0]).toBe('one');
  });

  it('may end before its client has said everything', async () => {
    const { port } = await serve((call) => call.emit('error', { code: 8, details: '' }));
    const { code } = await send(grpcStream(1, FAILED), port);
    expect(code).toBe(8);
  });
});
