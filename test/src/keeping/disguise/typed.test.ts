import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../../src/assembly/transaction.ts';
import { bodyOf } from '../../../../src/domain/exchange.ts';
import { disguiseBody } from '../../../../src/keeping/disguise/body.ts';
import { createDisguise, disguiseOf } from '../../../../src/keeping/disguise/disguise.ts';
import { disguisePart } from '../../../../src/keeping/disguise/part.ts';
import { newDataKey, redactionKey } from '../../../../src/seal/keys.ts';
import { encodeGrpcFrame } from '../../../../src/wire/grpc/framing.ts';
import { schemaOf } from '../../../../src/wire/protobuf/schema.ts';
import { decodePart, encodePart, type PartContent } from '../../../../src/wire/segments/part.ts';
import { encodeSegments } from '../../../../src/wire/segments/record.ts';
import { compile, SHOP, WELL_KNOWN } from '../../../support/descriptors.ts';
import { exchangeSegments } from '../../../support/recording.ts';
import { RECORDER, transactionKey } from '../../../support/transaction.ts';

const shop = compile(WELL_KNOWN, SHOP);
const key = redactionKey(newDataKey());
const make = () => createDisguise(key, undefined, schemaOf(shop.tables));
const GRPC = [{ name: 'content-type', value: 'application/grpc' }];
const place = { path: '/shop.Pricing/Quote', side: 'input' } as const;
const framed = (bytes: Uint8Array) => encodeGrpcFrame({ compressed: false, bytes });

function disguised(value: Readonly<Record<string, unknown>>, disguise = make()) {
  const body = disguiseBody(framed(shop.encode('shop.Order', value)), GRPC, disguise, place);
  return { body, order: shop.decode('shop.Order', body.subarray(5)) };
}

const TOKEN = /^REDACTED\(/;

describe('a message with a descriptor, disguised', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['text by its name', { card_number: 'any', voucher: undefined }, { card_number: expect.stringMatching(TOKEN) }],
    // Zero is what a message says by leaving a field out.
    ['a number by its name', { pin: 4711, count: 3 }, { count: 3 }],
    ['a card that is a number', { big: '4111111111111111' }, { big: expect.stringMatching(/^7777\d{12}$/) }],
    [
      'a field in a message',
      { login: { user: 'ada', password: 'x' } },
      { login: { user: 'ada', password: expect.stringMatching(TOKEN) } },
    ],
    [
      'a value by the key of its map',
      { labels: { api_key: 'x', color: 'red' } },
      { labels: { api_key: expect.stringMatching(TOKEN), color: 'red' } },
    ],
    [
      'a value of a Struct',
      { more: { fields: { password: { string_value: 'x' }, n: { number_value: 5 } } } },
      { more: { fields: { password: { string_value: expect.stringMatching(TOKEN) }, n: { number_value: 5 } } } },
    ],
    ['what looks like a secret', { sku: 'ann@corp.example' }, { sku: expect.stringMatching(/@redacted\.invalid$/) }],
    [
      'nothing else',
      { sku: 'MUG', level: 2, price: 4.5, sizes: [1, 2], gift: true },
      { sku: 'MUG', level: 'GOLD', price: 4.5, sizes: [1, 2], gift: true },
    ],
  ])('hides %s, and decodes', (_what, value, order) => expect(disguised(value).order).toEqual(order));

  it('is disguised once: what has tokens stays as it is', () => {
    const value = fc.record({
      card_number: fc.string(),
      pin: fc.nat(),
      labels: fc.dictionary(fc.constantFrom('password', 'color', 'name'), fc.string()),
      login: fc.record({ user: fc.emailAddress(), password: fc.string() }),
      thumbnail: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(
      fc.property(value, (one) => {
        const { body } = disguised(one);
        expect(Buffer.from(disguiseBody(body, GRPC, make(), place)).equals(Buffer.from(body))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('that does not fit its descriptor is disguised by looks', () => {
    const odd = framed(Uint8Array.of(0x10, 2, 0x0a, 2, 0xff, 0xfe));
    expect(Buffer.from(disguiseBody(odd, GRPC, make(), place)).equals(Buffer.from(odd))).toBe(true);
  });
});

describe('a part whose messages were disguised by names', () => {
  const order = framed(shop.encode('shop.Order', { sku: 'MUG', card_number: 'any', level: 2 }));
  const segments = exchangeSegments(1, 'pricing', 'inbound', {
    method: 'POST',
    path: '/shop.Pricing/Quote',
    protocol: 'HTTP/2',
    headers: { 'content-type': 'application/grpc' },
    body: order,
    answer: {
      status: 200,
      headers: { 'content-type': 'application/grpc' },
      body: framed(shop.encode('shop.Priced', { sku: 'MUG' })),
      trailers: { 'grpc-status': '13' },
    },
  });
  const part: PartContent = { recorder: RECORDER, overwritten: 0, records: encodeSegments(segments) };

  it('carries what it takes to read them: another reader makes the same of the same', () => {
    const stored = decodePart(encodePart(disguisePart(part, [], make())));
    const back = stored && disguiseOf([stored]);
    if (stored === undefined || back === undefined) throw new Error('It cannot be read again.');
    const [exchange] = assemble(transactionKey(), [stored]).exchanges;
    const kept = exchange?.request && bodyOf(exchange.request);
    expect(kept && shop.decode('shop.Order', kept.subarray(5))).toEqual({
      sku: 'MUG',
      card_number: expect.stringMatching(TOKEN),
      level: 'GOLD',
    });
    expect(Uint8Array.from(disguiseBody(order, GRPC, back, place))).toEqual(kept && Uint8Array.from(kept));
    expect(back.schema.method('/shop.Pricing/Quote')?.output).toBe('shop.Priced');
    expect(back.schema.enumeration('shop.Level')?.get(2)).toBe('GOLD');
    expect(back.schema.message('google.protobuf.Any')).toBeUndefined();
  });

  it('also when head and body of an exchange lie in two', () => {
    const halves = [segments.slice(0, 2), segments.slice(2)].map((records) => ({
      ...part,
      records: encodeSegments(records),
    }));
    const [first, second] = halves;
    if (first === undefined || second === undefined) throw new Error('There are not two.');
    const stored = disguisePart(second, [disguisePart(first, [], make())], make());
    const [exchange] = assemble(transactionKey(), [first, stored]).exchanges;
    const answer = exchange?.response && bodyOf(exchange.response);
    expect(answer && shop.decode('shop.Priced', answer.subarray(5))).toEqual({ sku: 'MUG' });
  });

  it('has no more types than were used, and never more than its share', () => {
    const wide = compile(
      `syntax = "proto3"; package shop; message Order { ${Array.from({ length: 9000 }, (_, index) => `string f${index} = ${index + 1};`).join(' ')} } message Priced {} service Pricing { rpc Quote(Order) returns (Priced); }`,
    );
    const stored = disguisePart(part, [], createDisguise(key, undefined, schemaOf(wide.tables)));
    expect(stored.disguised?.length).toBeLessThan(10_000);
    // It compiles thousands of types, on a machine that does other things too.
  }, 60_000);
});
