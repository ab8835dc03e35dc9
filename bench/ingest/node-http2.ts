/**
 * The same recorder behind node:http2, without grpc-js: what a transport costs that frames gRPC itself and leaves HTTP/2 to Node. For this bench only:
 * it has no limits, and answers nobody.
 */
import * as http2 from 'node:http2';
import type { IngestCounters } from '../../src/ingest/counters.ts';
import { HTTP2 } from '../../src/ingest/limits.ts';
import { metadataOf } from '../../src/ingest/served.ts';
import type { AcceptCall, CallReceiver } from '../../src/ingest/transport.ts';

const PREFIX_BYTES = 5;

export interface NodeHttp2 {
  listen(path: string): Promise<void>;
  close(): void;
}

export function nodeHttp2(accept: AcceptCall, counters: IngestCounters): NodeHttp2 {
  const server = http2.createServer({
    settings: { initialWindowSize: HTTP2.streamWindowBytes, maxConcurrentStreams: HTTP2.maxConcurrentStreams },
    maxSessionMemory: 1000,
    // Envoy ends every call with a reset.
    streamResetBurst: HTTP2.streamResets.burst,
    streamResetRate: HTTP2.streamResets.perSecond,
  });
  server.on('session', (session) => session.setLocalWindowSize(HTTP2.connectionWindowBytes));
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, _headers, _flags, raw: string[]) => {
    counters.callsOpened += 1;
    carry(stream, accept('exchange', metadataOf(pairs(raw)), 1), counters);
  });
  return {
    listen: (path) => new Promise((resolve) => server.listen(path, resolve)),
    close: () => void server.close(),
  };
}

function carry(stream: http2.ServerHttp2Stream, receiver: CallReceiver, counters: IngestCounters): void {
  let rest: Buffer | undefined;
  stream.on('data', (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= PREFIX_BYTES) {
      const end = at + PREFIX_BYTES + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      counters.messages += 1;
      counters.bytes += end - at - PREFIX_BYTES;
      receiver.message(bytes.subarray(at + PREFIX_BYTES, end));
      at = end;
    }
    rest = at === bytes.length ? undefined : bytes.subarray(at);
  });
  stream.on('error', () => undefined);
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    counters.callsEnded.closed += 1;
    receiver.ended('closed');
  };
  stream.once('end', end);
  stream.once('close', end);
}

function pairs(raw: readonly string[]): { readonly name: string; readonly value: string }[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => ({
    name: raw[index * 2] ?? '',
    value: raw[index * 2 + 1] ?? '',
  }));
}
