import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { question } from '../../../../replay-sandbox/match/http/question.ts';
import { headers } from '../../../support/transaction.ts';

const NOTHING = new Uint8Array();
const asked = (body: string | Uint8Array, values: Record<string, string> = {}) =>
  question('POST', '/', headers(values), typeof body === 'string' ? Buffer.from(body) : body).body;

describe('what a request asks', () => {
  it.each([
    ['/p?b=2&a=1&b=3', '/p', { a: '1', b: ['2', '3'] }],
    ['/p', '/p', {}],
    ['/p?', '/p', {}],
    ['?a=1', '/', { a: '1' }],
    ['http://peer:80/p?a=%20+', '/p', { a: '  ' }],
    ['http://peer', '/', {}],
    ['/p?__proto__=1', '/p', Object.fromEntries([['__proto__', '1']])],
    ['*', '*', {}],
  ])('of the target %s', (target, path, query) => {
    expect(question('GET', target, [], NOTHING)).toEqual({
      method: 'GET',
      path,
      resume: {},
      query,
      body: undefined,
      bytes: NOTHING,
    });
  });

  it('of a JSON body: its value, however it is written', () => {
    const json = { 'content-type': 'application/json; charset=utf-8' };
    expect(asked('{"b":1, "a":"é"}', json)).toEqual({ a: 'é', b: 1 });
    expect(asked('{"b":1', json)).toBe('{"b":1');
    expect(asked('{"b":1}', { 'content-type': 'application/problem+json' })).toEqual({ b: 1 });
  });

  it('of a form: its fields', () => {
    expect(asked('b=2&a=1', { 'content-type': 'application/x-www-form-urlencoded' })).toEqual({ a: '1', b: '2' });
  });

  it('of a compressed body: what is in it, unless it is none, or a bomb', () => {
    const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(asked(gzipSync('{"a":1}'), gzip)).toEqual({ a: 1 });
    expect(asked('no gzip', gzip)).toBe('no gzip');
    const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024));
    expect(asked(bomb, gzip)).toBe(bomb.toString('latin1'));
  });

  it.each([
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('of a body in %s: what is in it', (encoding, pack) => {
    expect(asked(pack('{"a":1}'), { 'content-type': 'application/json', 'content-encoding': encoding })).toEqual({
      a: 1,
    });
  });

  it('of a body encoded twice: what is in it', () => {
    const values = { 'content-type': 'application/json', 'content-encoding': 'gzip, br' };
    expect(asked(brotliCompressSync(gzipSync('{"a":1}')), values)).toEqual({ a: 1 });
  });

  it('of a form in parts: not the boundary, which is drawn anew', () => {
    const form = (boundary: string) =>
      asked(`--${boundary}\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}--\r\n`, {
        'content-type': `multipart/form-data; boundary=${boundary}`,
      });
    expect(form('----7f3a9c')).toEqual(form('----0b1c2d'));
  });

  it('of other bytes: each of them', () => {
    expect(asked(Uint8Array.of(0, 255, 128))).toBe('\u0000\u00ff\u0080');
  });

  it('never throws', () => {
    const types = fc.constantFrom('application/json', 'application/x-www-form-urlencoded', 'text/plain', '');
    fc.assert(
      fc.property(fc.string(), types, fc.constantFrom('gzip', ''), fc.uint8Array(), (target, type, encoding, body) => {
        const asked = question('GET', target, headers({ 'content-type': type, 'content-encoding': encoding }), body);
        expect(asked.path).not.toBe('');
      }),
    );
  });
});
