/** What drivers and a real server said to each other (test/fixtures/postgres), as conversations. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Bytes, Conversation } from '../../src/domain/conversation.ts';
import { parseRecorderId, streamId } from '../../src/domain/ids.ts';

const FIXTURES = new URL('../fixtures/postgres/', import.meta.url);

interface Captured {
  readonly driver: string;
  readonly connections: readonly (readonly (readonly ['client' | 'server', string])[])[];
}

/** One per connection of each driver: `asyncpg 0.32 #1`. Chunks are a millisecond apart. */
export function postgresCaptures(): readonly (readonly [name: string, conversation: Conversation])[] {
  return readdirSync(FIXTURES).flatMap((file) => {
    const captured = JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8')) as Captured;
    return captured.connections.map((pieces, index) => {
      const bytes = pieces.map(([side, text]) => ({ side, bytes: Buffer.from(text, 'latin1') }));
      return [`${captured.driver} #${index + 1}`, conversationOf(bytes, index + 1)] as const;
    });
  });
}

/** A conversation of these chunks, the n-th at n ms. */
export function conversationOf(
  chunks: readonly (Pick<Bytes, 'side' | 'bytes'> & Partial<Bytes>)[],
  number = 1,
): Conversation {
  const recorder = parseRecorderId('00000000000000aa');
  if (recorder === undefined) throw new Error('not a recorder id');
  return {
    kind: 'conversation',
    id: streamId(recorder, number),
    vantage: { service: 'shop', instance: 'shop-1', direction: 'outbound' },
    peer: { name: 'db', port: 5432 },
    protocol: 'postgres',
    state: [],
    bytes: chunks.map((chunk, at) => ({ at, openInbound: 1, ...chunk })),
    startedAt: 0,
    endedAt: chunks.length,
    gaps: [],
  };
}
