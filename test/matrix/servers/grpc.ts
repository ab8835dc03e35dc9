/**
 * A gRPC server over bare HTTP/2, so that it can do what servers do and no library offers, and keeps its own ledger of messages. Messages are
 * google.protobuf.StringValue; what stands in them tells it how to go on:
 *
 * - Ask (unary): echoes.
 * - List (server streaming): `count=3 gap=2 size=100 end=RESOURCE_EXHAUSTED`; `end` is a status, `reset`, or `hangs` until the client leaves.
 * - Upload (client streaming): counts until the client has ended; `stop` ends the call at once.
 * - Chat (both): echoes every message but those that begin with `silent`; ends at `quit`, or says `bye` when the client has ended, unless that
 *   said `stay` (a client in Node that leaves ends first). The header
 *   `x-greet` makes it speak first.
 */
import { once } from 'node:events';
import { constants, createServer } from 'node:http2';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { until } from '../../support/until.ts';
import type { Logged, MatrixServer, ServerKind } from './server.ts';

export const grpcServer: ServerKind = { transport: 'http', usualPort: 50_051, canonical: (text) => text, start };

const CODES: Readonly<Record<string, number>> = { OK: 0, INVALID_ARGUMENT: 3, RESOURCE_EXHAUSTED: 8, INTERNAL: 13 };

async function start(): Promise<MatrixServer> {
  const calls: Call[] = [];
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('stream', (stream, headers) => calls.push(serve(stream, headers)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    version: `gRPC over node:http2 ${process.versions['nghttp2'] ?? ''}`.trim(),
    env: {},
    async statements() {
      await until(
        () => calls,
        (all) => all.every(({ stream }) => stream.closed || stream.destroyed),
      );
      return calls.map(logged);
    },
    async stop() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** As the replay's calls call it. */
function logged({ path, sent, received }: Call): Logged {
  const text = path.endsWith('/Ask') ? path : `${path} (${sent} sent, ${received} received)`;
  return { connection: 'calls', text, messages: sent + received };
}

/** One call, and what was said on it. */
class Call {
  readonly stream: ServerHttp2Stream;
  readonly path: string;
  readonly #packs: boolean;
  sent = 0;
  received = 0;
  /** Its client will leave: it does not end. */
  stays = false;
  #rest = Buffer.alloc(0);

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.stream = stream;
    this.path = headers[':path'] ?? '';
    this.#packs = headers['grpc-encoding'] === 'gzip';
  }

  head(): void {
    if (this.stream.headersSent || this.stream.destroyed) return;
    const encoding = this.#packs ? { 'grpc-encoding': 'gzip' } : {};
    this.stream.respond(
      { ':status': 200, 'content-type': 'application/grpc', 'x-served-by': 'matrix', ...encoding },
      { waitForTrailers: true },
    );
  }

  write(text: string): void {
    if (this.stream.destroyed || this.stream.closed) return;
    this.head();
    this.received += 1;
    this.stream.write(framed(text, this.#packs));
  }

  /** `reset` and `hangs` besides the names of statuses. */
  end(how = 'OK'): void {
    if (how === 'hangs' || this.stream.destroyed) return;
    if (how === 'reset') {
      this.stream.write('', () => setImmediate(() => this.stream.close(constants.NGHTTP2_INTERNAL_ERROR)));
      return;
    }
    const code = CODES[how] ?? 2;
    const message = code === 0 ? {} : { 'grpc-message': `the server says ${how}` };
    const status = { 'grpc-status': String(code), ...message, 'x-messages': String(this.sent) };
    if (!this.stream.headersSent) {
      this.stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
      return;
    }
    this.stream.once('wantTrailers', () => this.stream.sendTrailers(status));
    this.stream.end();
  }

  /** The messages that these bytes complete. */
  read(bytes: Buffer): readonly string[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const messages: string[] = [];
    while (this.#rest.length >= 5 && this.#rest.length >= 5 + this.#rest.readUInt32BE(1)) {
      const end = 5 + this.#rest.readUInt32BE(1);
      const body = this.#rest.subarray(5, end);
      messages.push(textOf(this.#rest[0] === 1 ? gunzipSync(body) : body));
      this.#rest = this.#rest.subarray(end);
    }
    this.sent += messages.length;
    return messages;
  }
}

interface Work {
  said(call: Call, text: string): void | Promise<void>;
  ended(call: Call): void;
}

const nothing = (): void => undefined;

const WORK: Readonly<Record<string, Work>> = {
  Ask: {
    said(call, text) {
      call.write(`echo: ${text}`);
      call.end();
    },
    ended: nothing,
  },
  List: {
    async said(call, text) {
      const plan = new Map(text.split(' ').map((word) => word.split('=') as [string, string]));
      const filler = 'x'.repeat(Number(plan.get('size') ?? 0));
      for (let number = 1; number <= Number(plan.get('count') ?? 0); number += 1) {
        call.write(`${number} of ${text.slice(0, 40)}${filler}`);
        await delay(Number(plan.get('gap') ?? 0));
        if (call.stream.writableNeedDrain) await once(call.stream, 'drain');
      }
      call.end(plan.get('end'));
    },
    ended: nothing,
  },
  Upload: {
    said(call, text) {
      if (text === 'stop') call.end('INVALID_ARGUMENT');
    },
    ended(call) {
      if (call.stream.headersSent) return;
      call.write(`${call.sent} messages`);
      call.end();
    },
  },
  Chat: {
    said(call, text) {
      call.stays ||= text === 'stay';
      if (text === 'quit') call.end();
      else if (!text.startsWith('silent')) call.write(`echo: ${text}`);
    },
    ended(call) {
      if (call.stream.writableEnded || call.stays) return;
      call.write('bye');
      call.end();
    },
  },
};

function serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Call {
  const call = new Call(stream, headers);
  const work = WORK[call.path.replace('/matrix.Streams/', '')];
  stream.on('error', nothing);
  if (headers['x-greet'] !== undefined) call.write('welcome');
  stream.on('data', (bytes: Buffer) => {
    for (const text of call.read(bytes)) void work?.said(call, text);
  });
  stream.on('end', () => {
    if (!stream.aborted) work?.ended(call);
  });
  return call;
}

/** google.protobuf.StringValue {string value = 1}. */
function framed(text: string, packed: boolean): Buffer {
  const value = Buffer.from(text);
  const length: number[] = [];
  for (let left = value.length; ; left >>>= 7) {
    length.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
    if (left <= 0x7f) break;
  }
  const message = value.length === 0 ? value : Buffer.concat([Buffer.from([0x0a, ...length]), value]);
  const body = packed ? gzipSync(message) : message;
  const prefix = Buffer.alloc(5);
  prefix[0] = packed ? 1 : 0;
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

function textOf(message: Buffer): string {
  if (message.length === 0) return '';
  let at = 1;
  while ((message[at] ?? 0) > 0x7f) at += 1;
  return message.subarray(at + 1).toString();
}
