/** A peer that sends what Envoy would, faster than it would: whole exchanges as bytes made before, each under a trace of its own. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PROCESS, grpcFrame } from '../../test/support/extproc-client.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../../test/support/extproc.ts';
import { dataFrames, endAndReset, headersFrames, PREFACE } from '../../test/support/http2-frames.ts';

const TRACE = '0'.repeat(20) + 'feedfeedfeed';
const LAST_DIGITS = 12;
const BATCH = 64;

const METADATA = {
  ':method': 'POST',
  ':scheme': 'http',
  ':path': PROCESS,
  ':authority': 'loop_sink',
  'content-type': 'application/grpc',
  te: 'trailers',
  'x-loop-service': 'tiny',
  'x-loop-instance': 'tiny-1',
  'x-loop-direction': 'inbound',
};

/** One exchange of five messages without a body worth the name. */
const MESSAGES = [
  requestHeaders({
    ':method': 'POST',
    ':path': '/tiny',
    ':authority': 'tiny',
    traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
  }),
  requestBody('q', { endOfStream: true }),
  responseHeaders({ ':status': '200', 'content-type': 'text/plain' }),
  responseBody('a'),
  responseBody('', { endOfStream: true }),
];

export interface Sending {
  readonly exchanges: number;
  /** Per second; flat out without. */
  readonly rate?: number;
}

/** Opens a connection that reads and forgets what it is answered. */
export async function dial(socket: string): Promise<Socket> {
  const peer = connect(socket);
  await once(peer, 'connect');
  peer.resume();
  peer.write(PREFACE);
  return peer;
}

export function beginCall(stream: number): Buffer {
  return Buffer.concat(headersFrames(stream, METADATA));
}

/** Sends so many exchanges over one connection; resolves when all bytes are with the kernel. Returns the messages sent. */
export async function sendTiny(socket: string, { exchanges, rate }: Sending): Promise<number> {
  const peer = await dial(socket);
  const template = templateOf();
  const began = performance.now();
  for (let sent = 0; sent < exchanges; sent += BATCH) {
    const count = Math.min(BATCH, exchanges - sent);
    const due = rate === undefined ? 0 : began + (sent * 1000) / rate;
    if (due > performance.now() + 1) await delay(due - performance.now());
    const bytes = Buffer.concat(Array.from({ length: count }, (_, index) => stamped(template, sent + index)));
    if (!peer.write(bytes)) await once(peer, 'drain');
  }
  await new Promise<void>((resolve) => peer.end(resolve));
  return exchanges * MESSAGES.length;
}

interface Template {
  readonly bytes: Buffer;
  /** Where frames name their stream. */
  readonly streams: readonly number[];
  readonly trace: number;
}

function templateOf(): Template {
  const frames = [
    ...headersFrames(1, METADATA),
    ...MESSAGES.flatMap((message) => dataFrames(1, grpcFrame(message))),
    endAndReset(1),
  ];
  const bytes = Buffer.concat(frames);
  const streams: number[] = [];
  for (let at = 0; at < bytes.length; at += 9 + bytes.readUIntBE(at, 3)) streams.push(at + 5);
  return { bytes, streams, trace: bytes.indexOf(TRACE) + TRACE.length - LAST_DIGITS };
}

function stamped({ bytes, streams, trace }: Template, number: number): Buffer {
  const copy = Buffer.from(bytes);
  for (const at of streams) copy.writeUInt32BE(2 * number + 1, at);
  copy.write((number + 1).toString(16).padStart(LAST_DIGITS, '0'), trace, 'latin1');
  return copy;
}
