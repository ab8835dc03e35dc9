import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readGrpcBody } from '../../../src/seal/grpc-body.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { buildView } from '../../../src/seal/view.ts';
import { encodeGrpcFrame } from '../../../src/wire/grpc/framing.ts';
import { quote } from '../../support/protobuf.ts';
import { exchange, loopId, message, transaction, verdict } from '../../support/transaction.ts';

const GRPC = { 'content-type': 'application/grpc' };
const LIMITS = { decompressedBytes: 1000, textBytes: 500 };
const framed = (bytes: Uint8Array, compressed = false) => encodeGrpcFrame({ compressed, bytes });
const read = (body: Uint8Array, headers = {}) => readGrpcBody(message({ ...GRPC, ...headers }, body), LIMITS);
const text = (shown: string, cut = false) => ({ kind: 'text', grammar: 'json', text: shown, cut });

describe('a gRPC body, for people', () => {
  it('shows its fields by number', () => {
    const body = framed(
      quote({
        sku: 'MUG',
        count: 2,
        lines: [
          { name: 'a', price: 4.5 },
          { name: 'b', price: 5 },
        ],
      }),
    );
    expect(read(body)).toEqual(text('{"1":"MUG","2":"2","5":[{"1":"a","2":"4.5"},{"1":"b","2":"5"}]}'));
  });

  it('shows a line per message, decompressed', () => {
    const body = Buffer.concat([framed(quote({ sku: 'A' })), framed(gzipSync(quote({ sku: 'B' })), true)]);
    expect(read(body, { 'grpc-encoding': 'gzip' })).toEqual(text('{"1":"A"}\n{"1":"B"}'));
  });

  it('counts what cannot be read', () => {
    expect(read(framed(Uint8Array.of(0xff, 0xff)))).toEqual(text('"(2 bytes)"'));
    expect(read(framed(Uint8Array.of(0x0a, 2, 0xff, 0xfe)))).toEqual(text('{"1":"(2 bytes)"}'));
    expect(read(Uint8Array.of(9, 9, 9, 9, 9))).toEqual({ kind: 'not-text', why: 'is no gRPC message (bad-flag)' });
    expect(read(Buffer.concat([framed(quote({ sku: 'A' })), Uint8Array.of(0)]))).toEqual(
      text('{"1":"A"}\n"truncated"'),
    );
  });

  it('is cut at its limit', () => expect(read(framed(quote({ sku: 'x'.repeat(600) })))).toMatchObject({ cut: true }));
});

it('a secret inside a message is a token in the view, nested or not', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjLTEyIn0.c2lnbmF0dXJlLXRoYXQtaXMtbG9uZw';
  const body = framed(quote({ sku: 'MUG', id: `Bearer ${jwt}`, lines: [{ name: jwt, price: 1 }] }));
  const one = exchange(1, { request: message({ ':method': 'POST', ':path': '/shop.Pricing/Quote', ...GRPC }, body) });
  const redact = createRedactor(redactionKey(newDataKey()));
  const view = JSON.stringify(buildView(loopId(1), transaction({ exchanges: [one] }), verdict(), redact));
  expect(view).toContain('MUG');
  expect(view).not.toContain('c2lnbmF0dXJl');
});
