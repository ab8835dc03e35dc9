/** Real conversations with databases, their bytes bent as a broken or hostile peer, or a hole in the recording, would bend them. */
import { readdirSync, readFileSync } from 'node:fs';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../extproc.ts';
import { speaker } from './corpus.ts';
import type { FuzzCall } from './corpus.ts';
import type { Random } from './random.ts';

interface Sent {
  readonly side: 'client' | 'server';
  readonly bytes: Uint8Array;
}
type Conversation = readonly Sent[];
type Bend = (sent: Conversation, random: Random, other: Conversation) => Conversation;

const FIXTURES = new URL('../../fixtures/', import.meta.url);
/** A chunk is sent on as it is, cut in pieces, or with what follows from the same side. */
const PIECES = 6;
/** Envoy sends at most 16 KiB of a client's bytes at a time, and 1 MiB of a server's. */
const ENDLESS_BYTES = 65_536;
/** Share of calls: each hands out what went on in all tunnels. */
const FAILURES = 0.03;

/** By name: each makes one mutation. */
const BENDS: Readonly<Record<string, Bend>> = {
  bitFlips: (sent, random) => oneBent(sent, random, (bytes) => flipped(bytes, random, 1 + random.below(6))),
  /** Types and lengths stand in front. */
  front: (sent, random) =>
    oneBent(sent, random, (bytes) => bytes.with(random.below(Math.min(8, bytes.length)), random.below(256))),
  absurdLength: (sent, random) =>
    oneBent(sent, random, (bytes) => {
      const at = random.below(bytes.length);
      const length = random.pick([
        [0xff, 0xff, 0xff, 0xff],
        [0x7f, 0xff, 0xff, 0xff],
        [0, 0, 0, 0],
        [0x2d, 0x39, 0x39, 0x0d],
      ]);
      return joined(bytes.slice(0, at), Uint8Array.from(length), bytes.slice(at + 4));
    }),
  cut: (sent, random) => oneBent(sent, random, (bytes) => bytes.slice(0, random.below(bytes.length))),
  headless: (sent, random) => oneBent(sent, random, (bytes) => bytes.slice(random.below(bytes.length))),
  noise: (sent, random) =>
    oneBent(sent, random, (bytes) => joined(bytes, random.bytes(1 + random.below(40)), bytes.slice(0, 5))),
  doubled: (sent, random) => oneBent(sent, random, (bytes) => joined(bytes, bytes)),
  endless: (sent, random) =>
    oneBent(sent, random, (bytes) => {
      const times = 2 + random.below(Math.max(1, Math.floor(ENDLESS_BYTES / bytes.length)));
      return joined(...Array.from({ length: times }, () => bytes));
    }),
  otherSide: (sent, random) => sent.map((one, at) => (at === random.below(sent.length) ? turned(one) : one)),
  lost: (sent, random) => sent.toSpliced(random.below(sent.length), 1 + random.below(4)),
  midway: (sent, random) => sent.slice(random.below(sent.length)),
  swapped(sent, random) {
    const at = random.below(Math.max(1, sent.length - 1));
    return sent.toSpliced(at, 2, ...sent.slice(at, at + 2).toReversed());
  },
  spliced: (sent, random, other) => [
    ...sent.slice(0, random.below(sent.length)),
    ...other.slice(random.below(other.length)),
  ],
  /** A line of words that never ends its quote: one of Redis, and its escapes. */
  quoted: (sent, random) =>
    oneBent(sent, random, () => {
      const piece = random.pick(['\\x41', '\\\\', "\\'", ' "', '\\x']);
      return Buffer.from(`${random.pick(['"', "'"])}${piece.repeat(1 + random.below(5000))}\r\n`);
    }),
  nested: (sent, random) =>
    oneBent(sent, random, () =>
      Buffer.from(random.pick(['*1\r\n', '%1\r\n', '>1\r\n']).repeat(1 + random.below(5000))),
    ),
};

function oneBent(sent: Conversation, random: Random, bend: (bytes: Uint8Array) => Uint8Array): Conversation {
  const at = random.below(sent.length);
  return sent.map((one, index) => (index === at && one.bytes.length > 0 ? { ...one, bytes: bend(one.bytes) } : one));
}

function flipped(bytes: Uint8Array, random: Random, count: number): Uint8Array {
  const mutated = Uint8Array.from(bytes);
  for (let left = count; left > 0; left--) {
    const at = random.below(mutated.length);
    mutated[at] = (mutated[at] ?? 0) ^ (1 << random.below(8));
  }
  return mutated;
}

function turned({ side, bytes }: Sent): Sent {
  return { side: side === 'client' ? 'server' : 'client', bytes };
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** Tunnels of one protocol, and failures at the same instance that make the recorder hand them out. */
export class ConversationCorpus {
  readonly #random: Random;
  readonly #protocol: string;
  readonly #captures: readonly Conversation[];
  /** Mutations made so far. */
  mutations = 0;

  constructor(random: Random, protocol: string) {
    this.#random = random;
    this.#protocol = protocol;
    this.#captures = capturesOf(protocol);
  }

  call(): FuzzCall {
    return this.#random.chance(FAILURES) ? this.#failure() : this.#tunnel();
  }

  #tunnel(): FuzzCall {
    const random = this.#random;
    let sent = random.pick(this.#captures);
    for (let count = random.pick([0, 1, 2, 3, 4, 6]); count > 0 && sent.length > 0; count--) {
      sent = random.pick(Object.values(BENDS))(sent, random, random.pick(this.#captures));
      this.mutations += 1;
    }
    const bodies = sent.flatMap((one) => this.#pieces(one));
    const head = requestHeaders({ ':method': 'CONNECT', ':authority': 'db.shop:5432' });
    const messages = [head, responseHeaders({ ':status': '200' }), ...bodies];
    return { kind: 'exchange', metadata: speaker('orders', 'outbound', this.#protocol), messages };
  }

  #pieces({ side, bytes }: Sent): readonly Uint8Array[] {
    const body = side === 'client' ? requestBody : responseBody;
    if (this.#random.chance(0.8)) return [body(bytes)];
    const cuts = Array.from({ length: this.#random.below(PIECES) }, () => this.#random.below(bytes.length + 1)).sort(
      (one, other) => one - other,
    );
    return [0, ...cuts].map((from, index) => body(bytes.slice(from, cuts[index] ?? bytes.length)));
  }

  #failure(): FuzzCall {
    const traceparent = `00-${this.#random.hex(32)}-${this.#random.hex(16)}-01`;
    const path = `/orders/${this.#random.below(100)}`;
    const head = requestHeaders({ ':method': 'POST', ':path': path, traceparent }, { endOfStream: true });
    const slow = Array.from({ length: this.#random.below(12) }, () => responseBody('.'));
    const failed = this.#random.chance(0.5) ? '500' : '200';
    const messages = [head, responseHeaders({ ':status': failed }), ...slow, responseBody('', { endOfStream: true })];
    return { kind: 'exchange', metadata: speaker('orders', 'inbound'), messages };
  }
}

/** Protocols of which there are captures. */
export function capturedProtocols(): readonly string[] {
  return readdirSync(FIXTURES).filter((name) => name === 'postgres' || name === 'redis');
}

function capturesOf(protocol: string): readonly Conversation[] {
  const folder = new URL(`${protocol}/`, FIXTURES);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const { connections } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Captured;
      return connections.map((sent) => sent.map(([side, text]) => ({ side, bytes: Buffer.from(text, 'latin1') })));
    });
}

/** What was sent, in order, as Latin-1 text. */
interface Captured {
  readonly connections: readonly (readonly (readonly [side: Sent['side'], text: string])[])[];
}
