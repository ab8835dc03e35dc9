import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { messageSchema, readGrpcBody } from '../../../src/seal/grpc-body.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { buildView } from '../../../src/seal/view.ts';
import { encodeGrpcFrame } from '../../../src/wire/grpc/framing.ts';
import { schemaOf } from '../../../src/wire/protobuf/schema.ts';
import { compile, SHOP, WELL_KNOWN } from '../../support/descriptors.ts';
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

describe('a gRPC body with its descriptor', () => {
  const shop = compile(WELL_KNOWN, SHOP);
  const schema = schemaOf(shop.tables);
  const method = '/shop.Pricing/Quote';
  const order = (value: Readonly<Record<string, unknown>>) => framed(shop.encode('shop.Order', value));
  const shown = (body: Uint8Array) =>
    readGrpcBody(
      message(GRPC, body),
      { ...LIMITS, decompressedBytes: 10_000 },
      messageSchema(schema, `${method}?x`, 'input'),
    );

  it('shows names', () => {
    expect(shown(order({ sku: 'MUG', level: 2, line: { name: 'a' } }))).toEqual(
      text('{"sku":"MUG","level":"GOLD","line":{"name":"a"}}'),
    );
  });

  it('that does not fit is left aside: fields by number', () => {
    expect(shown(framed(Uint8Array.of(0x10, 2, 0x0a, 2, 0xff, 0xfe)))).toEqual(text('{"1":"(2 bytes)","2":"2"}'));
    expect(messageSchema(schema, '/shop.Pricing/Other', 'input')).toBeUndefined();
  });

  it('shows bytes as base64, but neither many nor such as hide text', () => {
    const thumbnail = (bytes: Uint8Array) => shown(order({ thumbnail: bytes }));
    expect(thumbnail(Uint8Array.of(1, 2, 255))).toEqual(text('{"thumbnail":"AQL/"}'));
    expect(thumbnail(Buffer.from('plain text'))).toEqual(text('{"thumbnail":"cGxhaW4gdGV4dA=="}'));
    expect(thumbnail(Buffer.concat([Uint8Array.of(1, 2), Buffer.from('4111111111111111')]))).toEqual(
      text('{"thumbnail":"(18 bytes)"}'),
    );
    expect(thumbnail(new Uint8Array(2000))).toEqual(text('{"thumbnail":"(2000 bytes)"}'));
  });

  it('redacts by name, as JSON is, and by looks', () => {
    const body = order({
      card_number: 'not-by-looks',
      pin: 4711,
      login: { user: 'ada', password: 'correct horse' },
      labels: { api_key: 'k-123', color: 'red' },
      more: { fields: { client_secret: { string_value: 's-123' } } },
      tags: ['ada@example.test'],
      thumbnail: Buffer.from('mail ada@example.test today'),
    });
    const one = exchange(1, { request: message({ ':method': 'POST', ':path': method, ...GRPC }, body) });
    const redact = createRedactor(redactionKey(newDataKey()));
    const view = JSON.stringify(
      buildView(loopId(1), transaction({ exchanges: [one] }), verdict(), redact, undefined, schema),
    );
    for (const secret of ['not-by-looks', '4711', 'correct horse', 'k-123', 's-123', 'ada@', 'bWFpbCBhZGFA'])
      expect(view).not.toContain(secret);
    for (const known of ['card_number', 'ada', 'red', 'password']) expect(view).toContain(known);
  });
});
