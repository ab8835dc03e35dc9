import { describe, expect, it } from 'vitest';
import { buildConversation } from '../../../src/assembly/conversation.ts';
import { readContent } from '../../../src/assembly/exchange.ts';
import type { Segment, SegmentKind } from '../../../src/domain/segment.ts';
import { encodeEnd } from '../../../src/wire/segments/record.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../../support/extproc.ts';
import { RECORDER, stream, T0, vantage } from '../../support/transaction.ts';

interface Piece {
  readonly kind?: SegmentKind;
  readonly payload: Uint8Array;
  readonly owner?: number;
  readonly flags?: number;
  /** Numbers lost before it. */
  readonly lost?: number;
}

function conversation(state: readonly Uint8Array[], ...pieces: readonly Piece[]) {
  let sequence = -1;
  const of = ({ kind = 'message', payload, owner = 0, flags = 0, lost = 0 }: Piece): Segment => {
    sequence += 1 + lost;
    return { kind, payload, owner, flags, stream: 1, sequence, at: T0 + sequence, openInbound: owner === 0 ? 0 : 1 };
  };
  const recorded = {
    id: stream(1),
    recorder: RECORDER,
    segments: pieces.map(of),
    state: state.map((payload) => ({ ...of({ kind: 'state', payload }), sequence: 0 })),
  };
  return buildConversation(recorded, readContent(recorded), vantage('shop', 'outbound'), 'postgres');
}

const CONNECT = { payload: requestHeaders({ ':method': 'CONNECT', ':authority': 'db.shop:5432' }) };
const STANDS = { payload: responseHeaders({ ':status': '200' }) };
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('a tunnelled connection', () => {
  it('is what client and server sent, in order, with whom it was for', () => {
    const { peer, bytes } = conversation(
      [],
      CONNECT,
      STANDS,
      { payload: requestBody('ask'), owner: 7, flags: 1 },
      { payload: responseBody('tell'), owner: 7 },
    );
    expect(peer).toEqual({ name: 'db.shop', port: 5432 });
    expect(bytes.map((one) => [one.side, text(one.bytes), one.owner, one.anchor])).toEqual([
      ['client', 'ask', stream(7), true],
      ['server', 'tell', stream(7), undefined],
    ]);
  });

  it('has the state from before in front', () => {
    const { state } = conversation([Uint8Array.of(0, 65), Uint8Array.of(1, 66)], CONNECT, STANDS);
    expect(state.map(({ side, bytes }) => [side, text(bytes)])).toEqual([
      ['client', 'A'],
      ['server', 'B'],
    ]);
  });

  it('says where bytes are missing', () => {
    const { bytes } = conversation(
      [],
      CONNECT,
      STANDS,
      { payload: responseBody('a') },
      { payload: responseBody('b'), lost: 2 },
    );
    expect(bytes.map(({ lostBefore }) => lostBefore)).toEqual([undefined, true]);
  });

  it('that could not be made carries Envoy’s words, none of a database', () => {
    const refused = { payload: responseHeaders({ ':status': '503' }, { attributes: { 'response.flags': 0x2 } }) };
    const { bytes, refused: how } = conversation(
      [],
      CONNECT,
      refused,
      { payload: responseBody('upstream connect error') },
      { kind: 'ended', payload: encodeEnd('closed') },
    );
    expect(bytes).toEqual([]);
    expect(how).toMatch(/^503 [A-Z]+$/);
  });
});
