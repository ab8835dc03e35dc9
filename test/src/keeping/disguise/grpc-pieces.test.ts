// A gRPC stream without its originals: every message where it was, its secrets nowhere.
import { expect, it } from 'vitest';
import { disguiseExchange } from '../../../../src/keeping/disguise/exchange.ts';
import { createDisguise } from '../../../../src/keeping/disguise/disguise.ts';
import { wholeMessages } from '../../../../src/keeping/disguise/grpc-pieces.ts';
import { newDataKey, redactionKey } from '../../../../src/seal/keys.ts';
import { decodeMessage } from '../../../../src/wire/extproc/decode.ts';
import { readGrpcMessages } from '../../../../src/wire/grpc/messages.ts';
import { requestBody, requestHeaders } from '../../../support/extproc.ts';
import { frame } from '../../../support/grpc-stream.ts';
import { T0 } from '../../../support/transaction.ts';

const CARD = '4111111111111111';
const EMAIL = 'jane.doe@example.com';
const disguise = createDisguise(redactionKey(newDataKey()));

function disguised(pieces: readonly Uint8Array[]): readonly Buffer[] {
  const head = requestHeaders({ ':method': 'POST', ':path': '/shop.Desk/Chat', 'content-type': 'application/grpc' });
  const segments = [head, ...pieces.map((piece) => requestBody(Buffer.from(piece)))].map((payload, sequence) => ({
    kind: 'message' as const,
    stream: 1,
    sequence,
    at: T0 + sequence,
    payload,
  }));
  return disguiseExchange(segments as never, disguise, '/shop.Desk/Chat')
    .slice(1)
    .map(({ payload }) => {
      const message = decodeMessage(payload);
      return Buffer.from('fault' in message ? [] : (message.body ?? []));
    });
}

const texts = (piece: Uint8Array) =>
  readGrpcMessages([piece], undefined).messages.map((bytes) => Buffer.from(bytes).toString());

it('messages stay in the pieces in which they were whole, without their secrets', () => {
  const first = frame(`card ${CARD}`);
  const second = frame(`mail ${EMAIL}`);
  const pieces = disguised([first, second.subarray(0, 9), second.subarray(9), frame('tea')]);
  expect(pieces.map((piece) => texts(piece).length)).toEqual([1, 0, 1, 1]);
  const all = Buffer.concat(pieces).toString('latin1');
  expect(all).not.toContain(CARD);
  expect(all).not.toContain('jane.doe');
  expect(texts(pieces[3] ?? first)).toEqual(['tea']);
  // The same secret is the same token, wherever it is said.
  expect(texts(pieces[0] ?? first)).toEqual(texts(disguised([first])[0] ?? first));
});

it('half a message and what is none are left out', () => {
  const pieces = disguised([frame('tea'), Buffer.from(`\u0007 no frame ${CARD}`), Buffer.from(CARD)]);
  expect(pieces.map((piece) => piece.length > 0)).toEqual([true, false, false]);
  expect(Buffer.concat(pieces).toString('latin1')).not.toContain(CARD);
});

it('cutting anew loses no byte', () => {
  const body = Buffer.concat([frame('one'), frame(''), frame('three'), Buffer.from('rest')]);
  for (let at = 0; at <= body.length; at += 1) {
    const cut = wholeMessages([body.subarray(0, at), body.subarray(at, at + 3), body.subarray(at + 3)]);
    expect(cut).toHaveLength(3);
    expect(Buffer.concat(cut).equals(body)).toBe(true);
  }
});
