/** Redis connections as transcripts, written by hand or captured: see test/fixtures/redis. */
import { readFileSync } from 'node:fs';
import type { Conversation } from '../../src/domain/conversation.ts';
import { parseRecorderId, streamId } from '../../src/domain/ids.ts';
import { commandOf, encodeFrontend } from '../../src/wire/redis/frontend.ts';

export interface Sent {
  readonly side: 'client' | 'server';
  readonly bytes: Uint8Array;
}

/** Commands of words between spaces, sent together. */
export function client(...commands: readonly (string | Uint8Array)[]): Sent {
  const encoded = commands.map((command) =>
    typeof command === 'string' ? encodeFrontend(commandOf(...command.split(' '))) : command,
  );
  return { side: 'client', bytes: Buffer.concat(encoded) };
}

/** Replies as on the wire, without their line ends: `+OK`, `$3|bar`. */
export function server(...replies: readonly string[]): Sent {
  return {
    side: 'server',
    bytes: Buffer.from(replies.map((reply) => `${reply.replaceAll('|', '\r\n')}\r\n`).join('')),
  };
}

export function conversation(sent: readonly Sent[], more: Partial<Conversation> = {}): Conversation {
  const recorder = parseRecorderId('00000000000000aa');
  if (recorder === undefined) throw new Error('not a recorder id');
  return {
    kind: 'conversation',
    id: streamId(recorder, 1),
    vantage: { service: 'shop', instance: 'shop-1', direction: 'outbound' },
    peer: { name: 'redis.shop', port: 6379 },
    protocol: 'redis',
    state: [],
    bytes: sent.map(({ side, bytes }, at) => ({ side, at: 100 + at, bytes, openInbound: 1 })),
    startedAt: 100,
    endedAt: 100 + sent.length,
    gaps: [],
    ...more,
  };
}

export const CAPTURES = ['ioredis', 'node-redis', 'redis-py-resp2', 'redis-py-resp3'] as const;

/** What a real driver and a real server said, by connection. */
export function captured(name: (typeof CAPTURES)[number]): readonly (readonly Sent[])[] {
  const file = new URL(`../fixtures/redis/${name}.json`, import.meta.url);
  const { connections } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly connections: readonly (readonly (readonly [Sent['side'], string])[])[];
  };
  return connections.map((sent) => sent.map(([side, text]) => ({ side, bytes: Buffer.from(text, 'latin1') })));
}

/** The same bytes in pieces of so many. */
export function inPieces(sent: readonly Sent[], size: number): readonly Sent[] {
  return sent.flatMap(({ side, bytes }) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => ({
      side,
      bytes: bytes.subarray(index * size, (index + 1) * size),
    })),
  );
}
