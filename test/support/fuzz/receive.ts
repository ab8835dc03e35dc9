/** What the receive path hears of bytes that are no HTTP/2, or that of a real Envoy, bent: cut anywhere, it must hear the same, and never throw. */
import { readFileSync } from 'node:fs';
import { Heard } from '../http2-heard.ts';
import { dataFrames, Flag, frame, FrameType, PREFACE } from '../http2-frames.ts';
import { mutate } from './bytes.ts';
import type { Random } from './random.ts';

export interface ReceiveFuzzReport {
  readonly connections: number;
  readonly bytes: number;
  /** Connections by how they stood at the end: `open`, or the HTTP/2 error code that they were told. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** By what went wrong, with the bytes of the first case in hex. */
  readonly thrown: Readonly<Record<string, { readonly times: number; readonly first: string }>>;
  /** The longest connection, ms of this thread. */
  readonly slowestMs: number;
}

interface Captured {
  readonly preface: string;
  readonly firstBlock: string;
  readonly laterBlock: string;
  readonly request: readonly string[];
  readonly response: readonly string[];
  readonly end: readonly string[];
}

/** Of a real Envoy 1.40 (bench/load/capture.ts). */
const CAPTURED = new URL('../../../bench/load/envoy-1.40.json', import.meta.url);
const MOST_CALLS = 12;
const STREAM_AT = 5;
/** The largest piece, bytes. */
const CUTS = [1, 9, 100, 4096] as const;
/** Of a first case, bytes that are told. */
const TOLD = 2048;

export class EnvoyStreams {
  readonly #random: Random;
  readonly #captured = JSON.parse(readFileSync(CAPTURED, 'utf8')) as Captured;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A connection as Envoy writes it, or bent somewhere, or something else entirely. */
  bytes(): Uint8Array {
    const random = this.#random;
    if (random.chance(0.1)) return random.bytes(random.below(2000));
    if (random.chance(0.1)) return Buffer.concat([PREFACE, random.bytes(random.below(4000))]);
    const frames = this.#frames();
    if (random.chance(0.1)) return Buffer.concat(frames);
    if (random.chance(0.3)) return mutate(Buffer.concat(frames), random, Buffer.concat(random.shuffled(frames)));
    return Buffer.concat(this.#bent(frames));
  }

  /** Anywhere, into pieces of at most one of these sizes. */
  cut(bytes: Uint8Array, sizes: readonly number[] = CUTS): readonly Uint8Array[] {
    const random = this.#random;
    const largest = random.pick(sizes);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = at + 1 + random.below(largest);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  }

  #frames(): readonly Uint8Array[] {
    const { preface, firstBlock, laterBlock, request, response, end } = this.#captured;
    const calls = Array.from({ length: 1 + this.#random.below(MOST_CALLS) }, (_none, index) => {
      const stream = 2 * index + 1;
      const block = Buffer.from(index === 0 ? firstBlock : laterBlock, 'hex');
      const messages = [...request, ...response].flatMap((hex) =>
        dataFrames(stream, prefixed(Buffer.from(hex, 'hex'))),
      );
      return [
        frame(FrameType.headers, Flag.endHeaders, stream, block),
        ...messages,
        ...end.map((hex) => ofStream(Buffer.from(hex, 'hex'), stream)),
      ];
    });
    return [Buffer.from(preface, 'hex'), ...this.#mixed(calls)];
  }

  /** Calls at once, each in its order; they begin in theirs. */
  #mixed(calls: readonly (readonly Uint8Array[])[]): readonly Uint8Array[] {
    const mixed: Uint8Array[] = [];
    const open: Uint8Array[][] = [];
    const waiting = calls.map((call) => [...call]);
    while (open.length + waiting.length > 0) {
      const begins = waiting[0] !== undefined && (open.length === 0 || this.#random.chance(0.3));
      const call = begins ? waiting.shift() : this.#random.pick(open);
      if (call === undefined) break;
      if (begins) open.push(call);
      const next = call.shift();
      if (next !== undefined) mixed.push(next);
      if (call.length === 0) open.splice(open.indexOf(call), 1);
    }
    return mixed;
  }

  #bent(frames: readonly Uint8Array[]): readonly Uint8Array[] {
    const random = this.#random;
    const bent = [...frames];
    for (let count = 1 + random.below(4); count > 0; count -= 1) {
      const at = 1 + random.below(Math.max(1, bent.length - 1));
      const one = bent[at] ?? new Uint8Array(0);
      const other = random.pick(bent);
      const what = random.below(5);
      if (what === 0) bent.splice(at, 1);
      else if (what === 1) bent.splice(at, 0, other);
      else if (what === 2) bent[at] = mutate(one, random, other);
      else if (what === 3) bent[at] = withHead(one, random);
      else
        bent.splice(at, 0, frame(random.below(12), random.below(256), random.below(9), random.bytes(random.below(64))));
    }
    return bent;
  }
}

/** So many connections, each heard whole and cut. */
export function fuzzReceive(random: Random, connections: number): ReceiveFuzzReport {
  const streams = new EnvoyStreams(random);
  const outcomes: Record<string, number> = {};
  const thrown: Record<string, { times: number; first: string }> = {};
  let slowestMs = 0;
  let size = 0;
  for (let count = 0; count < connections; count += 1) {
    const bytes = streams.bytes();
    const pieces = streams.cut(bytes);
    size += bytes.length;
    const began = process.cpuUsage();
    const said = outcomeOf(bytes, pieces);
    const { user, system } = process.cpuUsage(began);
    slowestMs = Math.max(slowestMs, Math.round((user + system) / 1000));
    if ('outcome' in said) outcomes[said.outcome] = (outcomes[said.outcome] ?? 0) + 1;
    else {
      const known = (thrown[said.wrong] ??= { times: 0, first: Buffer.from(bytes).toString('hex', 0, TOLD) });
      known.times += 1;
    }
  }
  return { connections, bytes: size, outcomes, thrown, slowestMs };
}

function outcomeOf(
  bytes: Uint8Array,
  pieces: readonly Uint8Array[],
): { readonly outcome: string } | { readonly wrong: string } {
  try {
    const [whole, cut] = [new Heard(), new Heard()];
    const [one, other] = [heardBy(whole, [bytes]), heardBy(cut, pieces)];
    const code = whole.connection.fault?.code;
    if (one !== other || code !== cut.connection.fault?.code) return { wrong: 'heard otherwise when it is cut' };
    return { outcome: code === undefined ? 'open' : `code ${code}` };
  } catch (error) {
    return { wrong: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Window updates come with each chunk: only what was heard is alike. */
function heardBy(heard: Heard, chunks: readonly Uint8Array[]): string {
  for (const chunk of chunks) heard.connection.receive(Uint8Array.from(chunk));
  return heard.lines().join('\n');
}

function prefixed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function ofStream(bytes: Buffer, stream: number): Buffer {
  bytes.writeUInt32BE(stream, STREAM_AT);
  return bytes;
}

/** One byte of the nine in front is another. */
function withHead(bytes: Uint8Array, random: Random): Uint8Array {
  const bent = Uint8Array.from(bytes);
  bent[random.below(Math.min(9, bent.length))] = random.below(256);
  return bent;
}
