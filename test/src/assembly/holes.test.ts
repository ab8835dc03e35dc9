import { describe, expect, it } from 'vitest';
import { conversationHoles } from '../../../src/assembly/holes.ts';
import type { Bytes, Conversation } from '../../../src/domain/conversation.ts';
import { stream, T0, vantage } from '../../support/transaction.ts';

const SSL_REQUEST = Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f);
const HELLO = Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00);

type Piece = readonly [side: Bytes['side'], bytes: Uint8Array | string, more?: Partial<Bytes>];

function holes(pieces: readonly Piece[], more: Partial<Conversation> = {}): readonly string[] {
  const bytes = pieces.map(([side, sent, rest]) => ({
    side,
    at: T0,
    bytes: Buffer.from(sent),
    openInbound: 1,
    ...rest,
  }));
  const conversation: Conversation = {
    kind: 'conversation',
    id: stream(1),
    vantage: vantage('shop', 'outbound'),
    peer: { name: 'db.shop', port: 5432 },
    protocol: 'postgres',
    state: [],
    bytes,
    startedAt: T0,
    endedAt: T0,
    gaps: [],
    ...more,
  };
  return conversationHoles(conversation).map(({ what }) => what);
}

const TLS = ['db.shop: TLS that shop speaks itself: nothing in it can be read, or answered in a replay'];

describe('what is missing of a connection', () => {
  it('nothing, where it is read from an anchor on', () => {
    expect(
      holes([
        ['client', 'Q', { anchor: true, lostBefore: true }],
        ['server', 'Z'],
      ]),
    ).toEqual([]);
  });

  it('what is encrypted by the service: at once, or once the server has agreed', () => {
    expect(holes([['client', HELLO]])).toEqual(TLS);
    expect(
      holes([
        ['client', SSL_REQUEST],
        ['server', 'S'],
        ['client', HELLO],
      ]),
    ).toEqual(TLS);
    expect(
      holes([
        ['client', SSL_REQUEST],
        ['server', 'N'],
      ]),
    ).toEqual([]);
    expect(holes([['client', HELLO]], { protocol: 'tcp' })).toEqual(TLS);
  });

  it('what nobody reads', () => {
    expect(holes([['client', 'x']], { protocol: 'tcp' })).toEqual(['db.shop: a tcp connection that no codec reads']);
  });

  it('what was lost in the middle, and what found no room', () => {
    const gaps = [{ side: 'server', reason: 'budget', bytes: 70 }] as const;
    expect(
      holes(
        [
          ['client', 'Q', { anchor: true }],
          ['server', 'D', { lostBefore: true }],
        ],
        { gaps },
      ),
    ).toEqual([
      'db.shop: a connection is recorded in pieces: what was asked in between is not known',
      'db.shop: 70 bytes to shop were not kept (budget)',
    ]);
  });
});
