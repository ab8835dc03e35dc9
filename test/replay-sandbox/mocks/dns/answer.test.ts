import type { Packet, RecordType } from 'dns-packet';
import { decode, encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerQuery } from '../../../../replay-sandbox/mocks/dns/answer.ts';
import { AddressBook } from '../../../../replay-sandbox/mocks/names.ts';

const BOOK = new AddressBook(['pricing.shop']);

function ask(
  name: string,
  type: RecordType = 'A',
): { readonly packet: Packet & { readonly rcode?: string }; readonly unknown: readonly string[] } {
  const reply = answerQuery(encode({ type: 'query', id: 77, flags: 256, questions: [{ type, name }] }), BOOK);
  if (reply === undefined) throw new Error('no reply');
  return { packet: decode(Buffer.from(reply.bytes)), unknown: reply.unknown };
}

describe('a query', () => {
  it('for a recorded name: its address, for a second', () => {
    const { packet, unknown } = ask('Pricing.shop');
    expect(packet).toMatchObject({
      type: 'response',
      id: 77,
      rcode: 'NOERROR',
      answers: [{ type: 'A', name: 'Pricing.shop', ttl: 1, data: '198.18.0.1' }],
    });
    expect(unknown).toEqual([]);
  });

  it.each(['AAAA', 'MX', 'TXT', 'SRV'] as const)('for a recorded name’s %s: it exists, without one', (type) => {
    expect(ask('pricing.shop', type).packet).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  it('for another name: there is none, and it is told', () => {
    const { packet, unknown } = ask('example.com');
    expect(packet).toMatchObject({ rcode: 'NXDOMAIN', answers: [] });
    expect(unknown).toEqual(['example.com']);
  });

  it('that is none gets no reply', () => {
    const response = encode({ type: 'response', id: 1, questions: [{ type: 'A', name: 'pricing.shop' }] });
    expect(answerQuery(response, BOOK)).toBeUndefined();
    expect(answerQuery(new Uint8Array(), BOOK)).toBeUndefined();
    expect(answerQuery(Uint8Array.of(1, 2, 3), BOOK)).toBeUndefined();
  });

  it('of any bytes never throws', () => {
    const header = fc.constant([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const bytes = fc
      .tuple(header, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 }))
      .map(([head, rest]) => Uint8Array.from([...head, ...rest]));
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array()), (query) => {
        const reply = answerQuery(query, BOOK);
        expect(reply === undefined || reply.bytes.length >= 12).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
