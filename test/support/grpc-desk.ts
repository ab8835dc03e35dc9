/** A gRPC service that is the server of streams and the client of another: what its clients say decides how it goes. */
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';

const GRPC_JS = fileURLToPath(import.meta.resolve('@grpc/grpc-js'));

const loopYaml = (service: string) => `version: 1
services:
  ${service}: { command: [node, server.mjs], port: 8080 }
`;

const HEAD = `
import grpc from '${GRPC_JS}';

const same = (bytes) => bytes;
const UNBOUNDED = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };
const server = new grpc.Server(UNBOUNDED);
`;

const LISTEN = `
server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
`;

/**
 * `/shop.Desk/Chat`: every message is answered with its length; `feed <what>` passes on what the feed says to that, and `fail` ends it with
 * INTERNAL, whatever else is open. `/shop.Desk/Sum` hears its client out and fails.
 */
export const DESK = {
  'loop.yaml': loopYaml('desk'),
  'server.mjs': `${HEAD}
const feed = new grpc.Client(process.env.FEED ?? 'feed.test:50051', grpc.credentials.createInsecure(), UNBOUNDED);

const count = (call, heard) => {
  const so = { messages: 0, bytes: 0 };
  call.on('error', () => undefined);
  call.on('data', (bytes) => {
    so.messages += 1;
    so.bytes += bytes.length;
    heard?.(bytes.length < 100 ? bytes.toString() : '', bytes);
  });
  return () => ({ code: grpc.status.INTERNAL, details: 'after ' + so.messages + ' messages, ' + so.bytes + ' bytes' });
};

server.register('/shop.Desk/Chat', (call) => {
  const failure = count(call, (text, bytes) => {
    if (text === 'fail') call.emit('error', failure());
    else if (text.startsWith('feed ')) relay(call, text.slice(5));
    else call.write(Buffer.from('heard ' + bytes.length));
  });
  call.on('end', () => call.end());
}, same, same, 'bidi');

const relay = (call, what) => {
  const metadata = new grpc.Metadata();
  for (const value of call.metadata.get('traceparent')) metadata.set('traceparent', value);
  const news = feed.makeBidiStreamRequest('/shop.Feed/Watch', same, same, metadata);
  news.on('data', (bytes) => call.write(Buffer.from('feed ' + bytes.length)));
  news.on('error', (error) => call.write(Buffer.from('feed failed: ' + error.details)));
  news.on('end', () => call.write(Buffer.from('feed over')));
  news.write(Buffer.from(what));
  if (what === 'big') news.end();
};

server.register('/shop.Desk/Sum', (call, reply) => {
  const failure = count(call);
  call.on('end', () => reply(failure()));
}, same, same, 'clientStream');
${LISTEN}`,
};

/** `/shop.Feed/Watch`: to `open` two messages, to `big` two of 5 MB; it ends when its client does. */
export const FEED = {
  'server.mjs': `${HEAD}
server.register('/shop.Feed/Watch', (call) => {
  call.on('error', () => undefined);
  call.on('data', (bytes) => {
    for (const letter of ['a', 'b']) call.write(Buffer.alloc(bytes.toString() === 'big' ? 5_000_000 : 6, letter));
  });
  // A server that ends before its client loses in Envoy what was not passed on yet.
  call.on('end', () => call.end());
}, same, same, 'bidi');
${LISTEN}`,
};

export interface Told {
  readonly code: number;
  readonly details: string;
  readonly messages: readonly string[];
}

const same = (bytes: Buffer): Buffer => bytes;
const UNBOUNDED = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 };

/** Says the next thing when so many answers have come. */
export type Talk = readonly (readonly [answers: number, what: string | Buffer])[];

/** One call of `path`, until its status. */
export async function talk(origin: string, path: string, said: Talk, traceparent: string): Promise<Told> {
  const client = new grpc.Client(new URL(origin).host, grpc.credentials.createInsecure(), UNBOUNDED);
  const metadata = new grpc.Metadata();
  metadata.set('traceparent', traceparent);
  const call = client.makeBidiStreamRequest(path, same, same, metadata, { deadline: Date.now() + 20_000 });
  const messages: string[] = [];
  const left = [...said];
  const goOn = (): void => {
    for (let next = left[0]; next !== undefined && next[0] <= messages.length; next = left[0]) {
      left.shift();
      if (next[1] === '|') call.end();
      else call.write(Buffer.from(next[1]));
    }
  };
  call.on('error', () => undefined);
  call.on('data', (bytes: Buffer) => {
    messages.push(bytes.toString());
    goOn();
  });
  goOn();
  try {
    const { code, details } = await new Promise<grpc.StatusObject>((resolve) => call.on('status', resolve));
    return { code, details, messages };
  } finally {
    client.close();
  }
}
