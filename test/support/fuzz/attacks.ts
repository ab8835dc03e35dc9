/** What a peer may do to the sink on the wire, short of being Envoy. Each attack leaves alone: nothing of it is open afterwards. */
import { gzipSync } from 'node:zlib';
import type { ListenAddress } from '../../../src/ingest/transport.ts';
import { connectTo, EnvoyCall, LOGS } from '../extproc-client.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../extproc.ts';
import { dataFrames, endAndReset, Flag, frame, FrameType, headersFrames } from '../http2-frames.ts';
import { field, mutate, varint } from './bytes.ts';
import { Corpus } from './corpus.ts';
import type { Random } from './random.ts';
import { CALL, call, RawConnection, streams } from './raw.ts';
import { EnvoyStreams } from './receive.ts';

/** Resolves with what the sink did. */
export type Attack = (address: ListenAddress, random: Random) => Promise<string>;

const MIB = 1024 * 1024;
/** How long an attacker waits for the sink to hang up. */
const PATIENCE_MS = 1_000;

/** Pours frames and tells whether the sink hung up on it. */
function flood(...frames: readonly (() => Iterable<Uint8Array>)[]): Attack {
  return async (address) => {
    await using connection = new RawConnection(address);
    await connection.speak(...frames.map((some) => some()));
    return await connection.ended(PATIENCE_MS);
  };
}

function* times(count: number, make: (index: number) => Uint8Array | readonly Uint8Array[]): Generator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    const made = make(index);
    if (made instanceof Uint8Array) yield made;
    else yield* made;
  }
}

const PING = 6;
const WINDOW_UPDATE = 8;
const PRIORITY = 2;
const GOAWAY = 7;

function declared(length: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** A message with the flag that says it is compressed. */
function flagged(bytes: Uint8Array): Buffer {
  const prefix = declared(bytes.length);
  prefix[0] = 1;
  return Buffer.concat([prefix, bytes]);
}

function nested(bytes: number): Uint8Array {
  const prefixes: Uint8Array[] = [];
  for (let size = 0; size < bytes;) {
    const prefix = Buffer.concat([Buffer.of(0x0a), varint(BigInt(size))]);
    prefixes.push(prefix);
    size += prefix.length;
  }
  return field(2, Buffer.concat(prefixes.toReversed()));
}

/** Bytes one by one, each in a frame of its own. */
function oneByOne(stream: number, bytes: Uint8Array): Generator<Uint8Array> {
  return times(bytes.length, (index) => frame(FrameType.data, 0, stream, bytes.subarray(index, index + 1)));
}

export const ATTACKS: Readonly<Record<string, Attack>> = {
  garbage: async (address, random) => {
    await using connection = new RawConnection(address);
    await connection.pour([random.bytes(4096)]);
    return await connection.ended(PATIENCE_MS);
  },
  'frames of noise': async (address, random) => {
    await using connection = new RawConnection(address);
    await connection.speak(
      times(2000, () => frame(random.below(12), random.below(256), random.below(9), random.bytes(random.below(64)))),
    );
    return await connection.ended(PATIENCE_MS);
  },
  'unknown frame types': flood(() =>
    times(50_000, (index) => frame(0x40 + (index % 64), 0xff, 2 * index + 1, Buffer.alloc(20))),
  ),
  'a header block of 200 KiB': flood(() => headersFrames(1, { ...CALL, 'x-large': 'a'.repeat(200 * 1024) })),
  '3,000 headers': flood(() =>
    headersFrames(1, {
      ...CALL,
      ...Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`x-${index}`, 'v'])),
    }),
  ),
  'calls with 100 headers each': flood(() =>
    times(3000, (index) =>
      headersFrames(2 * index + 1, {
        ...CALL,
        ...Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`x-${at}`, 'v'.repeat(200)])),
      }),
    ),
  ),
  'a CONTINUATION flood': flood(
    () => [frame(FrameType.headers, 0, 1, Buffer.of(0x82))],
    () => times(100_000, () => frame(FrameType.continuation, 0, 1)),
  ),
  'a PING flood': flood(() => times(100_000, () => frame(PING, 0, 0, Buffer.alloc(8)))),
  'a SETTINGS flood': flood(() => times(100_000, () => frame(FrameType.settings, 0, 0))),
  'a PRIORITY flood': flood(() => times(100_000, (index) => frame(PRIORITY, 0, 2 * index + 1, Buffer.alloc(5)))),
  'a WINDOW_UPDATE flood': flood(() => times(100_000, () => frame(WINDOW_UPDATE, 0, 0, Buffer.of(0, 0, 1, 0)))),
  'windows beyond 2^31': flood(() => times(3, () => frame(WINDOW_UPDATE, 0, 0, Buffer.of(0x7f, 0xff, 0xff, 0xff)))),
  'GOAWAY and on': flood(
    () => [frame(GOAWAY, 0, 0, Buffer.alloc(8))],
    () => call(1, [requestHeaders({ ':path': '/' })]),
  ),
  'an RST flood': flood(() =>
    times(30_000, (index) => [
      ...headersFrames(2 * index + 1, CALL),
      frame(FrameType.resetStream, 0, 2 * index + 1, Buffer.of(0, 0, 0, 8)),
    ]),
  ),
  'calls that end as they begin': flood(() =>
    times(10_000, (index) => [...headersFrames(2 * index + 1, CALL), endAndReset(2 * index + 1)]),
  ),
  'messages of 4 GiB, declared': flood(() =>
    streams(200).flatMap((stream) => [
      ...headersFrames(stream, CALL),
      ...dataFrames(stream, declared(0xffff_ffff)),
      ...dataFrames(stream, Buffer.alloc(16_000)),
    ]),
  ),
  'messages said to be compressed': flood(() =>
    streams(100).flatMap((stream) => [
      ...headersFrames(stream, CALL),
      ...dataFrames(stream, flagged(Buffer.from('no gzip'))),
    ]),
  ),
  'compressed messages that are not': flood(() =>
    streams(100).flatMap((stream) => [
      ...headersFrames(stream, { ...CALL, 'grpc-encoding': 'gzip' }),
      ...dataFrames(stream, flagged(Buffer.from('no gzip'))),
    ]),
  ),
  'gzip bombs': async (address) => {
    const bomb = dataFramesOf(flagged(gzipSync(Buffer.alloc(512 * MIB))));
    return flood(() =>
      times(40, (index) => [
        ...headersFrames(2 * index + 1, { ...CALL, 'grpc-encoding': 'gzip' }),
        ...bomb(2 * index + 1),
      ]),
    )(address, undefined as never);
  },
  'empty messages': flood(
    () => headersFrames(1, CALL),
    () => times(5_000, () => frame(FrameType.data, 0, 1, Buffer.alloc(50))),
  ),
  'a message of 1 MiB, byte by byte': flood(
    () => headersFrames(1, CALL),
    () => oneByOne(1, Buffer.concat([declared(MIB), requestBody(Buffer.alloc(MIB - 100))])),
  ),
  'unfinished messages, byte by byte': flood(
    () => streams(4).flatMap((stream) => headersFrames(stream, CALL)),
    () =>
      times(1_000_000, (index) =>
        frame(
          FrameType.data,
          0,
          streams(4)[index % 4] ?? 1,
          index < 20 ? declared(8 * MIB).subarray(index >> 2, (index >> 2) + 1) : Buffer.of(0),
        ),
      ),
  ),
  'unfinished messages of 4 MiB': flood(() =>
    times(150, (index) => [
      ...headersFrames(2 * index + 1, CALL),
      ...dataFrames(2 * index + 1, Buffer.concat([declared(8 * MIB), Buffer.alloc(4 * MIB)])),
    ]),
  ),
  'slow loris on 500 calls': async (address) => {
    await using connection = new RawConnection(address);
    const message = Buffer.concat([declared(60), requestHeaders({ ':path': '/slow' })]);
    await connection.speak(streams(500).flatMap((stream) => headersFrames(stream, CALL)));
    for (let index = 0; index < 20; index++) {
      await connection.pour(
        streams(500).map((stream) => frame(FrameType.data, 0, stream, message.subarray(index, index + 1))),
      );
      await connection.ended(50);
    }
    return connection.closed ? 'hung up' : 'open';
  },
  '300 connections that say nothing': async (address) => {
    const connections = Array.from({ length: 300 }, () => new RawConnection(address));
    const ends = await Promise.all(connections.map((connection) => connection.ended(PATIENCE_MS)));
    for (const connection of connections) await connection[Symbol.asyncDispose]();
    return ends.includes('hung up') ? 'hung up' : 'open';
  },
  'depth bombs that are kept': (address) =>
    polite(address, [
      requestHeaders({ ':path': '/deep', ':method': 'POST', 'content-type': 'application/json' }),
      requestBody('['.repeat(MIB / 2), { endOfStream: true }),
      responseHeaders({ ':status': '500', 'content-type': 'application/grpc' }),
      responseBody(Buffer.concat([declared(200_000), nested(200_000)]), { endOfStream: true }),
    ]),
  'nested messages': (address) =>
    polite(address, [
      nested(100_000),
      requestHeaders({ ':path': '/' }),
      nested(300_000),
      responseHeaders({ ':status': '500' }, { endOfStream: true }),
    ]),
  'answers nobody reads': flood(
    () => headersFrames(1, CALL),
    () => [frame(FrameType.settings, 0, 0, Buffer.of(0, 4, 0, 0, 0, 0))],
    () => times(20_000, () => dataFrames(1, Buffer.concat([declared(2), Buffer.of(0x22, 0)]))),
  ),
  'mutated messages over gRPC': (address, random) => mutatedCalls(address, random),
  'streams of a real Envoy, bent and cut': (address, random) => bentStreams(address, random),
  'mutated access logs': (address, random) => mutatedCalls(address, random, LOGS),
  'calls of other services': flood(() =>
    times(5000, (index) => headersFrames(2 * index + 1, { ...CALL, ':path': `/some.Service/Call${index}` })),
  ),
  'deadlines that are none': flood(() =>
    times(2000, (index) =>
      headersFrames(2 * index + 1, { ...CALL, 'grpc-timeout': ['99999999H', '0n', '-1S', 'x', ''][index % 5] ?? '' }),
    ),
  ),
  'END_STREAM and more': flood(
    () => headersFrames(1, CALL),
    () => [frame(FrameType.data, Flag.endStream, 1)],
    () => times(20_000, () => frame(FrameType.data, 0, 1, Buffer.alloc(100))),
  ),
};

function dataFramesOf(bytes: Uint8Array): (stream: number) => readonly Buffer[] {
  return (stream) => dataFrames(stream, bytes);
}

/** A call such as Envoy makes, whatever its messages are. */
async function polite(address: ListenAddress, messages: readonly Uint8Array[]): Promise<string> {
  const session = connectTo(address);
  const call = new EnvoyCall(session, { 'x-loop-service': 'attacker', 'x-loop-direction': 'inbound' });
  call.send(...messages).stream.end();
  const ended = new Promise((resolve) => call.stream.once('close', resolve));
  await ended;
  await new Promise<void>((resolve) => session.close(resolve));
  return 'ended';
}

/** Each on a connection of its own, twenty at once; many have calls open when they break off. */
async function bentStreams(address: ListenAddress, random: Random): Promise<string> {
  const made = new EnvoyStreams(random);
  let hungUp = 0;
  const one = async (): Promise<void> => {
    await using connection = new RawConnection(address);
    for (const piece of made.cut(made.bytes(), [300, 4096])) {
      if (connection.closed) break;
      await connection.pour([piece]);
    }
    if ((await connection.ended(random.below(20))) === 'hung up') hungUp += 1;
  };
  for (let count = 0; count < 15; count += 1) await Promise.all(Array.from({ length: 20 }, one));
  return hungUp > 0 ? 'hung up' : 'open';
}

async function mutatedCalls(address: ListenAddress, random: Random, path?: string): Promise<string> {
  const session = connectTo(address);
  const corpus = new Corpus(random);
  const ended: Promise<unknown>[] = [];
  for (let count = 0; count < 400; count++) {
    const made = corpus.call();
    const metadata = Object.fromEntries(made.metadata.map(({ name, value }) => [name, value]));
    const sent = new EnvoyCall(session, metadata, path);
    ended.push(new Promise((resolve) => sent.stream.once('close', resolve)));
    sent.send(...made.messages.map((bytes) => mutate(bytes, random, made.messages[0] ?? bytes))).finish();
    if (ended.length >= 50) await Promise.all(ended.splice(0));
  }
  await Promise.all(ended);
  await new Promise<void>((resolve) => session.close(resolve));
  return 'ended';
}
