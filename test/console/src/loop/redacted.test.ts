import { expect, test } from 'vitest';
import { isRedacted, piecesOf } from '../../../../console/src/loop/redacted.ts';
import { createTokens } from '../../../../src/seal/tokens.ts';

test('tokens, as the seal makes them, stand apart', () => {
  const token = createTokens({ kind: 'redaction-key', bytes: new Uint8Array(32) });
  const [jwt, mail] = [token('secret value'), token('ada@example.com')];
  expect(piecesOf(`Bearer ${jwt}, ${mail}.`)).toEqual([
    { text: 'Bearer ', token: false },
    { text: jwt, token: true },
    { text: ', ', token: false },
    { text: mail, token: true },
    { text: '.', token: false },
  ]);
  expect([isRedacted(jwt), isRedacted(mail), isRedacted('REDACTED(x)')]).toEqual([true, true, false]);
});

test('text without any is one piece, and half a million beginnings of one take no time', () => {
  expect(piecesOf('')).toEqual([]);
  expect(piecesOf('REDACTED('.repeat(500_000))).toHaveLength(1);
});
