import { describe, expect, it } from 'vitest';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { streamLines } from '../../../src/seal/stream-lines.ts';
import { MessageDeflater } from '../../../src/wire/websocket/deflate.ts';
import { recordedWebSocket } from '../../support/recorded-websocket.ts';
import { exchange, T0 } from '../../support/transaction.ts';
import { closeFrame, frame } from '../../support/websocket-frames.ts';

const redact = createRedactor(redactionKey(newDataKey()));
const CARD = '4111 1111 1111 1111';

describe('a WebSocket', () => {
  const packed = new MessageDeflater({ noContext: false, bits: 15 }).deflate(Buffer.from(`card ${CARD}`));
  const socket = recordedWebSocket(
    [
      ['client', 1, frame('text', '{"password":"hunter2","item":"tea"}')],
      ['server', 2, frame('text', packed, { compressed: true })],
      ['server', 3, frame('binary', `raw ${CARD}`)],
      ['server', 4, frame('ping', CARD)],
      ['server', 5, frame('text', 'two\nlines')],
      ['server', 6, closeFrame(1011, `no ${CARD}`)],
    ],
    { answered: { 'sec-websocket-extensions': 'permessage-deflate' } },
  );

  it('is shown message by message, with times, and redacted', () => {
    const client = streamLines(socket, 'client', redact, 10_000);
    const server = streamLines(socket, 'server', redact, 10_000);
    expect(client?.text).toMatch(/^\{"password":"REDACTED\([^"]+","item":"tea"\}$/);
    expect(server?.text.split('\n')).toEqual([
      expect.stringMatching(/^card REDACTED\(/),
      '(binary, 23 bytes)',
      '(ping, 19 bytes)',
      'two\\nlines',
      expect.stringMatching(/^close 1011 no REDACTED\(/),
    ]);
    expect(server?.times).toEqual([2, 3, 4, 5, 6].map((at) => T0 + at));
    expect(JSON.stringify([client, server])).not.toMatch(/hunter2|1111/);
  });

  it('up to what there is room for', () => {
    expect(streamLines(socket, 'server', redact, 30)).toMatchObject({ cut: true, times: [T0 + 2] });
  });

  it('that was broken off says so', () => {
    const cut = recordedWebSocket([['server', 1, frame('text', 'hi')]]);
    expect(streamLines(cut, 'server', redact, 100)?.text).toBe('hi\n(broken off)');
  });
});

it('anything else has none', () => expect(streamLines(exchange(1), 'server', redact, 1000)).toBeUndefined());
