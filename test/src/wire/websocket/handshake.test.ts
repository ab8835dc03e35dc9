import { expect, it } from 'vitest';
import { acceptOf, chosenSubprotocol, subprotocols } from '../../../../src/wire/websocket/handshake.ts';
import { headers } from '../../../support/transaction.ts';

it("answers the key of RFC 6455's example", () =>
  expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='));

it('subprotocols are a list, over several headers or in one', () => {
  expect(subprotocols(headers({ 'sec-websocket-protocol': ['chat, v2.chat', 'other'] }))).toEqual([
    'chat',
    'v2.chat',
    'other',
  ]);
  expect(subprotocols([])).toEqual([]);
  expect(chosenSubprotocol(headers({ 'sec-websocket-protocol': ' chat ' }))).toBe('chat');
});
