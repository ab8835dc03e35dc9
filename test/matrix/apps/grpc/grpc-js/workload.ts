import { once } from 'node:events';
import type { Client, ClientDuplexStream, ClientReadableStream, ServiceError, StatusObject } from '@grpc/grpc-js';
import grpc from '@grpc/grpc-js';
import { decode, encode } from './text.ts';

export interface Step {
  readonly name: string;
  readonly result: unknown;
}

type Wait = (ms: number) => Promise<unknown>;

interface Given {
  readonly client: Client;
  readonly metadata: (more?: Readonly<Record<string, string>>) => grpc.Metadata;
  readonly wait: Wait;
}

const LIST = '/matrix.Streams/List';
const UPLOAD = '/matrix.Streams/Upload';
const CHAT = '/matrix.Streams/Chat';

const WORK: Readonly<Record<string, (given: Given) => Promise<unknown>>> = {
  unary: async ({ client, metadata }) =>
    await new Promise((resolve) =>
      client.makeUnaryRequest('/matrix.Streams/Ask', encode, decode, 'hello', metadata(), (error, text) =>
        resolve(error === null ? text : failure(error)),
      ),
    ),
  list: async (given) => await read(list(given, 'count=10 gap=3')),
  'list, empty': async (given) => await read(list(given, 'count=0')),
  'list, an error in its trailers': async (given) => await read(list(given, 'count=3 gap=2 end=RESOURCE_EXHAUSTED')),
  'list, an error at once': async (given) => await read(list(given, 'count=0 end=INTERNAL')),
  'list, reset': async (given) => await read(list(given, 'count=2 gap=5 end=reset')),
  'list, cancelled': async (given) => {
    const stream = list(given, 'count=3 gap=2 end=hangs');
    return await read(stream, (messages) => messages.length === 3 && stream.cancel());
  },
  'list, too late': async (given) => await read(list(given, 'count=1 end=hangs', Date.now() + 700)),
  'list, large': async (given) => await read(list(given, 'count=4 size=300000')),
  'list, a slow reader': async (given) => {
    const stream = list(given, 'count=40 size=20000');
    const lengths: number[] = [];
    for await (const text of stream as AsyncIterable<string>) {
      lengths.push(text.length);
      if (lengths.length % 10 === 0) await given.wait(20);
    }
    return lengths;
  },
  upload: async (given) => await upload(given, ['a', 'b', 'c', '', 'ü'.repeat(100)]),
  'upload, large': async (given) => await upload(given, ['x'.repeat(400_000), 'y'.repeat(200_000)]),
  'upload, ended by the server': async (given) => await upload(given, ['a', 'stop'], false),
  chat: async (given) => {
    const stream = chat(given);
    const told = read(stream);
    for (const text of ['one', 'two', 'three']) {
      stream.write(text);
      await once(stream, 'data');
    }
    stream.end();
    return await told;
  },
  'chat, all at once': async (given) => {
    const stream = chat(given);
    for (let number = 0; number < 20; number += 1) stream.write(`silent ${number}`);
    stream.write('aloud');
    stream.end();
    return await read(stream);
  },
  'chat, quit': async (given) => {
    const stream = chat(given);
    stream.write('hello');
    stream.write('quit');
    return await read(stream);
  },
  'chat, the server first': async (given) => {
    const stream = chat(given, { 'x-greet': 'yes' });
    const told = read(stream);
    await once(stream, 'data');
    stream.write('thanks');
    stream.end();
    return await told;
  },
  'chat, packed': async (given) => {
    const stream = chat(given, { 'grpc-internal-encoding-request': 'gzip' });
    stream.write('z'.repeat(5000));
    stream.end();
    return await read(stream);
  },
  'chat, cancelled': async (given) => {
    const stream = chat(given);
    stream.write('stay');
    return await read(stream, () => stream.cancel());
  },
};

/** One after the other, then many at once. */
export async function workload(pool: readonly Client[], traceparent: string, wait: Wait): Promise<readonly Step[]> {
  const metadata = (more: Readonly<Record<string, string>> = {}): grpc.Metadata => {
    const made = new grpc.Metadata();
    for (const [name, value] of Object.entries({ traceparent, ...more })) made.set(name, value);
    return made;
  };
  const given = (index: number): Given => ({ client: pool[index % pool.length] ?? raise(), metadata, wait });
  const steps: Step[] = [];
  for (const [index, [name, work]] of Object.entries(WORK).entries())
    steps.push({ name, result: await work(given(index)) });
  const at = Array.from({ length: 6 }, async (_, index) => await both(given(index), index));
  return [...steps, { name: 'at once', result: await Promise.all(at) }];
}

/** Chats and lists that only their messages tell apart. */
async function both(given: Given, index: number): Promise<unknown> {
  const stream = chat(given, { 'x-room': String(index % 2) });
  const chatted = read(stream);
  stream.write('join');
  for (const text of [`room ${index % 3}`, `guest ${index}`]) {
    stream.write(text);
    await once(stream, 'data');
  }
  stream.end();
  return await Promise.all([chatted, read(list(given, `count=${index + 1} gap=1`))]);
}

function list({ client, metadata }: Given, asked: string, deadline?: number): ClientReadableStream<string> {
  return client.makeServerStreamRequest(LIST, encode, decode, asked, metadata(), { ...(deadline && { deadline }) });
}

function chat(
  { client, metadata }: Given,
  more?: Readonly<Record<string, string>>,
): ClientDuplexStream<string, string> {
  return client.makeBidiStreamRequest(CHAT, encode, decode, metadata(more));
}

async function upload({ client, metadata }: Given, messages: readonly string[], end = true): Promise<unknown> {
  return await new Promise((resolve) => {
    const stream = client.makeClientStreamRequest(UPLOAD, encode, decode, metadata(), (error, text) =>
      resolve(error === null ? text : failure(error)),
    );
    for (const text of messages) stream.write(text);
    if (end) stream.end();
  });
}

async function read(
  stream: ClientReadableStream<string>,
  each: (messages: readonly string[]) => unknown = () => undefined,
): Promise<unknown> {
  const messages: string[] = [];
  const heads: unknown[] = [];
  stream.on('metadata', (metadata: grpc.Metadata) => heads.push(metadata.get('x-served-by')));
  stream.on('error', () => undefined);
  stream.on('data', (text: string) => {
    messages.push(text.length > 100 ? `${text.slice(0, 20)}… ${text.length}` : text);
    each(messages);
  });
  const status = await new Promise<StatusObject>((resolve) => stream.on('status', resolve));
  return { messages, heads, ...failure(status) };
}

function failure({ code, details, metadata }: Pick<ServiceError, 'code' | 'details' | 'metadata'>): object {
  // The driver says how long it waited.
  const said = code === grpc.status.DEADLINE_EXCEEDED ? 'too late' : details;
  return { code, details: said, sent: metadata.get('x-messages') };
}

function raise(): never {
  throw new Error('The pool is empty.');
}
