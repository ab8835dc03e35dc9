import { describe, expect, it } from 'vitest';
import { createDisguise } from '../../../../src/keeping/disguise/disguise.ts';
import { disguiseWebSocket, isUpgrade } from '../../../../src/keeping/disguise/websocket.ts';
import { newDataKey, redactionKey } from '../../../../src/seal/keys.ts';
import { MessageDeflater } from '../../../../src/wire/websocket/deflate.ts';
import { WebSocketReader } from '../../../../src/wire/websocket/messages.ts';
import { headers } from '../../../support/transaction.ts';
import { closeFrame, frame, framed, MASK, said } from '../../../support/websocket-frames.ts';

const disguise = createDisguise(redactionKey(newDataKey()));
const DEFLATE = { noContext: false, bits: 15 };
const asked = headers({ ':method': 'GET', upgrade: 'websocket' });
const plain = { asked, answered: headers({ ':status': '101' }) };
const packed = { asked, answered: headers({ ':status': '101', 'sec-websocket-extensions': 'permessage-deflate' }) };

const CARD = '4111111111111111';
const FRAMES = [
  frame('text', `{"card":"${CARD}","item":"tea"}`),
  frame('binary', `some bytes ${CARD}`),
  frame('ping', `is ${CARD} there`),
  closeFrame(1011, `no ${CARD}`),
];

describe('messages without their originals', () => {
  it.each(['client', 'server'] as const)('of the %s', (side) => {
    const bytes = framed(FRAMES, side === 'client' ? MASK : undefined);
    const [first, second] = disguiseWebSocket([bytes.subarray(0, 10), bytes.subarray(10)], side, plain, disguise);
    expect(first).toHaveLength(0);
    const lines = said(new WebSocketReader({ side }).push(second ?? bytes, 0));
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^text \{"card":"\d{16}","item":"tea"\}$/);
    expect(lines[3]).toMatch(/^close 1011 no /);
    expect(lines.join()).not.toContain(CARD);
    expect(Buffer.from(second ?? '').toString('latin1')).not.toContain(CARD);
  });

  it('packed again as they were', () => {
    const bytes = new MessageDeflater(DEFLATE).deflate(Buffer.from(`card ${CARD}`));
    const [piece = bytes] = disguiseWebSocket(
      [framed([frame('text', bytes, { compressed: true })])],
      'server',
      packed,
      disguise,
    );
    const lines = said(new WebSocketReader({ side: 'server', deflate: DEFLATE }).push(piece, 0));
    expect(lines[0]).toMatch(/^text card \d{16}$/);
    expect(lines[0]).not.toContain(CARD);
  });

  it('bytes that are none are opaque', () => {
    const [piece = Buffer.from(CARD)] = disguiseWebSocket(
      [Buffer.from(`\u0003no frame: ${CARD}`)],
      'server',
      plain,
      disguise,
    );
    expect(piece.length).toBeGreaterThan(0);
    expect(Buffer.from(piece).toString('latin1')).not.toContain(CARD);
  });

  it('what is behind such bytes stays, opaque too, each piece its own', () => {
    const pieces = [
      framed([frame('text', 'good'), frame('text', Uint8Array.of(0xff)), frame('text', `late ${CARD}`)]),
      framed([frame('text', `later ${CARD}`)]),
    ];
    const kept = disguiseWebSocket(pieces, 'server', plain, disguise);
    expect(kept.map(({ length }) => length > 8)).toEqual([true, true]);
    const text = kept.map((piece) => Buffer.from(piece).toString('latin1')).join('');
    expect(text).toContain('good');
    expect(text).not.toContain(CARD);
  });

  it('are looked for behind an upgrade alone', () => {
    expect(isUpgrade(plain)).toBe(true);
    expect(isUpgrade({ asked, answered: headers({ ':status': '403' }) })).toBe(false);
    expect(isUpgrade({ asked: headers({ ':method': 'GET' }), answered: plain.answered })).toBe(false);
  });
});
