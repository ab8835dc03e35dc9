// Recorded gRPC streams, played to grpc-js.
import * as grpc from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReplayedCall } from '../../../../replay-sandbox/match/call.ts';
import type { Exchange } from '../../../../src/domain/exchange.ts';
import type { Said } from '../../../support/grpc-stream.ts';
import { CHAT, grpcStream } from '../../../support/grpc-stream.ts';
import { serveRecorded } from '../../../support/http-mock.ts';
import { until } from '../../../support/until.ts';

const text = { encode: (value: string) => Buffer.from(value), decode: (bytes: Buffer) => bytes.toString() };

type Chat = grpc.ClientDuplexStream<string, string>;

interface Told {
  readonly messages: readonly string[];
  readonly code: number;
}

interface Stage {
  readonly calls: readonly ReplayedCall[];
  readonly open: (metadata?: Readonly<Record<string, string>>, options?: grpc.CallOptions) => Chat;
  readonly settle: () => void;
}

async function stage(...recorded: readonly Exchange[]): Promise<Stage> {
  const served = await serveRecorded(...recorded);
  const client = new grpc.Client(`127.0.0.1:${served.port}`, grpc.credentials.createInsecure());
  onTestFinished(() => client.close());
  return {
    calls: served.calls,
    settle: () => served.mock.settle?.(),
    open(metadata = {}, options = {}) {
      const sent = new grpc.Metadata();
      for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
      return client.makeBidiStreamRequest(CHAT, text.encode, text.decode, sent, options);
    },
  };
}

async function told(chat: Chat, each: (message: string) => void = () => undefined): Promise<Told> {
  const messages: string[] = [];
  chat.on('error', () => undefined);
  chat.on('data', (message: string) => {
    messages.push(message);
    each(message);
  });
  const status = await new Promise<grpc.StatusObject>((resolve) => chat.on('status', resolve));
  return { messages, code: status.code };
}

const logged = (calls: readonly ReplayedCall[]) => calls.map(({ grade, summary }) => `${grade} ${summary}`);
const explained = (calls: readonly ReplayedCall[]) => calls.flatMap(({ explanation = [] }) => explanation);

const PING_PONG: readonly Said[] = [
  [0, '> one'],
  [5, '< 1'],
  [10, '> two'],
  [15, '< 2'],
  [20, '>|'],
  [25, '<0'],
];

describe('a stream in both directions', () => {
  it('goes out message by message, as the client comes to it', async () => {
    const { open, calls } = await stage(grpcStream(1, PING_PONG));
    const chat = open();
    const answer = told(chat, (message) => (message === '1' ? chat.write('two') : chat.end()));
    chat.write('one');
    expect(await answer).toEqual({ messages: ['1', '2'], code: 0 });
    expect(logged(calls)).toEqual([`exact ${CHAT} (2 sent, 2 received)`]);
  });

  it('is drifted where the client says something else, and says what', async () => {
    const { open, calls } = await stage(grpcStream(1, PING_PONG));
    const chat = open();
    const answer = told(chat);
    for (const one of ['one', 'zwei']) chat.write(one);
    chat.end();
    expect(await answer).toEqual({ messages: ['1', '2'], code: 0 });
    expect(logged(calls)).toEqual([`drifted ${CHAT} (2 sent, 2 received)`]);
    expect(explained(calls)[0]).toMatch(/^message 2.*recorded/);
  });

  it('gives the rest to a client that ends earlier', async () => {
    const { open, calls } = await stage(grpcStream(1, PING_PONG));
    const chat = open();
    const answer = told(chat);
    chat.write('one');
    chat.end();
    expect(await answer).toEqual({ messages: ['1', '2'], code: 0 });
    expect(logged(calls)).toEqual([`drifted ${CHAT} (1 sent, 2 received)`]);
    expect(explained(calls)).toEqual(['the client ended (half-close) after 1 message: 1 more were recorded']);
  });

  it('says what came that was not recorded', async () => {
    const { open, calls } = await stage(grpcStream(1, PING_PONG));
    const chat = open();
    const answer = told(chat);
    for (const one of ['one', 'two', 'three']) chat.write(one);
    chat.end();
    expect(await answer).toEqual({ messages: ['1', '2'], code: 0 });
    expect(explained(calls)).toEqual(['message 3: nothing more was recorded; sent message, 5 bytes']);
  });

  it('begins without the client, where the server spoke first', async () => {
    const { open, calls } = await stage(
      grpcStream(1, [
        [1, '< welcome'],
        [2, '> thanks'],
        [3, '>|'],
        [4, '<0'],
      ]),
    );
    const chat = open();
    const answer = told(chat, () => {
      chat.write('thanks');
      chat.end();
    });
    expect(await answer).toEqual({ messages: ['welcome'], code: 0 });
    expect(logged(calls)).toEqual([`exact ${CHAT} (1 sent, 1 received)`]);
  });
});

describe('how a stream ends', () => {
  it('by a status in the middle, while the client would go on', async () => {
    const { open, calls } = await stage(
      grpcStream(1, [
        [1, '> a'],
        [2, '< 1'],
        [3, '> b'],
        [4, '<8'],
      ]),
    );
    const chat = open();
    const answer = told(chat);
    chat.write('a');
    chat.write('b');
    expect(await answer).toEqual({ messages: ['1'], code: 8 });
    expect(logged(calls)).toEqual([`exact ${CHAT} (2 sent, 1 received)`]);
  });

  it('by a status and nothing else', async () => {
    const { open, calls } = await stage(
      grpcStream(1, [
        [1, '> a'],
        [2, '> b'],
        [4, '<3'],
      ]),
    );
    const chat = open();
    const answer = told(chat);
    chat.write('a');
    chat.write('b');
    expect(await answer).toEqual({ messages: [], code: 3 });
    expect(logged(calls)).toEqual([`exact ${CHAT} (2 sent, 0 received)`]);
  });

  it('by a reset of the server', async () => {
    const { open, calls } = await stage(
      grpcStream(1, [
        [1, '> a'],
        [2, '< 1'],
        [4, '<!'],
      ]),
    );
    const chat = open();
    const answer = told(chat);
    chat.write('a');
    expect(await answer).toEqual({ messages: ['1'], code: grpc.status.INTERNAL });
    expect(logged(calls)).toEqual([`exact ${CHAT} (1 sent, 1 received)`]);
  });

  it('by a client that leaves, as it left', async () => {
    const { open, calls } = await stage(
      grpcStream(1, [
        [1, '> a'],
        [2, '< 1'],
        [4, '>!'],
      ]),
    );
    const chat = open();
    const answer = told(chat, () => chat.cancel());
    chat.write('a');
    expect(await answer).toEqual({ messages: ['1'], code: grpc.status.CANCELLED });
    await until(
      () => calls,
      (all) => all.length === 1,
    );
    expect(logged(calls)).toEqual([`exact ${CHAT} (1 sent, 1 received)`]);
  });

  it('by a client that leaves, and had stayed', async () => {
    const { open, calls } = await stage(grpcStream(1, PING_PONG));
    const chat = open();
    const answer = told(chat, () => chat.cancel());
    chat.write('one');
    await answer;
    await until(
      () => calls,
      (all) => all.length === 1,
    );
    expect(logged(calls)).toEqual([`drifted ${CHAT} (1 sent, 1 received)`]);
    expect(explained(calls)).toEqual(['the client ended (reset) after 1 message: 1 more were recorded']);
  });

  it('by a deadline, where nothing came in the recording', async () => {
    const { open, calls } = await stage(
      grpcStream(1, [
        [1, '> a'],
        [2, '< 1'],
        [90, '>!'],
      ]),
    );
    const chat = open({}, { deadline: Date.now() + 200 });
    const answer = told(chat);
    chat.write('a');
    expect(await answer).toEqual({ messages: ['1'], code: grpc.status.DEADLINE_EXCEEDED });
    await until(
      () => calls,
      (all) => all.length === 1,
    );
    expect(logged(calls)).toEqual([`exact ${CHAT} (1 sent, 1 received)`]);
  });

  it('not at all, when the replay is over: it is told as far as it came', async () => {
    const { open, calls, settle } = await stage(grpcStream(1, PING_PONG));
    const chat = open();
    chat.on('error', () => undefined);
    chat.write('one');
    await new Promise((resolve) => chat.once('data', resolve));
    settle();
    expect(logged(calls)).toEqual([`exact ${CHAT} (1 sent, 1 received)`]);
  });
});

describe('several streams of one path', () => {
  const room = (number: number, name: string): Exchange =>
    grpcStream(number, [
      [1, '> join'],
      [2, `> ${name}`],
      [3, `< hello ${name}`],
      [4, '>|'],
      [5, '<0'],
    ]);

  it('are told apart by their first messages, whatever their order', async () => {
    const { open, calls } = await stage(...['a', 'b', 'c'].map((name, index) => room(index + 1, name)));
    const answers = await Promise.all(
      ['c', 'a', 'b'].map(async (name) => {
        const chat = open();
        const answer = told(chat);
        chat.write('join');
        chat.write(name);
        chat.end();
        return (await answer).messages;
      }),
    );
    expect(answers).toEqual([['hello c'], ['hello a'], ['hello b']]);
    expect(calls.map(({ grade }) => grade)).toEqual(['exact', 'exact', 'exact']);
  });

  it('are told apart by their metadata, when the server speaks first', async () => {
    const greeted = (number: number, name: string): Exchange =>
      grpcStream(
        number,
        [
          [1, `< hello ${name}`],
          [4, '>|'],
          [5, '<0'],
        ],
        { metadata: { 'x-name': name } },
      );
    const { open } = await stage(greeted(1, 'a'), greeted(2, 'b'));
    const chat = open({ 'x-name': 'b' });
    const answer = told(chat, () => chat.end());
    expect(await answer).toEqual({ messages: ['hello b'], code: 0 });
  });

  it('are missed when all are taken', async () => {
    const { open, calls } = await stage(room(1, 'a'));
    for (const [code, grade] of [
      [0, 'exact'],
      [grpc.status.UNKNOWN, 'missed'],
    ] as const) {
      const chat = open();
      const answer = told(chat);
      for (const one of ['join', 'a']) chat.write(one);
      chat.end();
      expect((await answer).code).toBe(code);
      expect(calls.at(-1)?.grade).toBe(grade);
    }
  });
});
