import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { normalise, specificity } from '../../../../src/assembly/flow/value.ts';
import { valuesOfMessage } from '../../../../src/assembly/flow/values.ts';
import { message } from '../../../support/transaction.ts';

const single = (values: ReadonlyMap<string, string>) =>
  Object.fromEntries([...values].filter(([value]) => !value.includes('\u0000')));

describe('values of a message', () => {
  it('are path segments, query, cookies, headers that are no infrastructure, and claims of a token', () => {
    const claims = Buffer.from(JSON.stringify({ sub: 'user-77', iss: 'https://issuer', exp: 1 })).toString('base64url');
    const found = valuesOfMessage(
      message({
        ':method': 'GET',
        ':path': '/orders/7a51?page=12',
        ':authority': 'orders:8080',
        'user-agent': 'curl/8',
        traceparent: '00-aa-bb-01',
        'x-request-id': 'r-1',
        'x-tenant': 'acme',
        'idempotency-key': 'k-9931',
        cookie: 'sid=abc123; theme=dark',
        authorization: `Bearer e30.${claims}.x`,
      }),
    );
    expect(single(found)).toEqual({
      orders: 'path',
      '7a51': 'orders',
      12: 'page',
      acme: 'x-tenant',
      'k-9931': 'idempotency-key',
      '9931': 'idempotency-key',
      abc123: 'sid',
      dark: 'theme',
      'user-77': 'sub',
    });
  });

  it('are scalars of JSON by their keys, and those side by side together', () => {
    const body = JSON.stringify({ order: 'O-1', lines: [{ sku: 'a7', quantity: 2 }], ok: true, none: null });
    const found = valuesOfMessage(message({ 'content-type': 'application/json' }, body));
    expect(single(found)).toEqual({ 'o-1': 'order', a7: 'sku', 2: 'quantity' });
    expect([...found.values()]).toContain('quantity and sku');
  });

  it('are the same in a form, and when they are compressed', () => {
    const form = message({ 'content-type': 'application/x-www-form-urlencoded' }, 'customer=c-81&amount=12.50');
    expect(single(valuesOfMessage(form))).toMatchObject({ 'c-81': 'customer', 12.5: 'amount' });
    const json = gzipSync('{"customer":"c-81"}');
    const packed = message({ 'content-type': 'application/json', 'content-encoding': 'gzip' }, json);
    expect(single(valuesOfMessage(packed))).toEqual({ 'c-81': 'customer' });
  });

  it('are fields of gRPC messages', () => {
    const body = Buffer.from([0, 0, 0, 0, 8, 0x0a, 3, ...Buffer.from('eur'), 0x10, 0xe8, 0x07]);
    const found = valuesOfMessage(message({ 'content-type': 'application/grpc' }, body));
    expect(single(found)).toEqual({ eur: 'field 1', 1000: 'field 2' });
  });

  it('of hostile bytes are none, or few', () => {
    const bytes = Buffer.alloc(100_000, 0xff);
    for (const type of ['application/json', 'application/grpc', 'text/plain', ''])
      expect(valuesOfMessage(message({ 'content-type': type }, bytes)).size).toBeLessThan(3);
    const deep = '['.repeat(50_000);
    expect(valuesOfMessage(message({ 'content-type': 'application/json' }, deep)).size).toBeLessThan(3);
  });
});

describe('a value', () => {
  it('is compared without letter case, blanks at the ends and zeros behind the point', () => {
    expect(['  ABC ', '12.50', '3.00', '-1.10', '100'].map(normalise)).toEqual(['abc', '12.5', '3', '-1.1', '100']);
  });

  it('tells the more the longer it is', () => {
    const told = ['7', '1234', 'eur', 'sku-28', '0b5e2c4e-6f0d-4e0e-9c0a-1d2e3f4a5b6c'].map(specificity);
    expect(told.map((weight) => Math.round(weight * 100))).toEqual([16, 66, 24, 100, 100]);
  });
});
