import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../../src/seal/body.ts';

const limits = { decompressedBytes: 100_000, textBytes: 1000 };
const bytes = (text: string) => new TextEncoder().encode(text);
const read = (body: Uint8Array | string, type?: string, encoding?: string) =>
  readBody(typeof body === 'string' ? bytes(body) : body, type, encoding, limits);

describe('what a body is', () => {
  it.each([
    ['application/json', 'json'],
    ['application/problem+json; charset=utf-8', 'json'],
    ['application/x-ndjson', 'json'],
    ['APPLICATION/JSON', 'json'],
    ['application/x-www-form-urlencoded', 'form'],
    ['text/event-stream', 'events'],
    ['text/html', 'text'],
    ['application/xml', 'text'],
    ['application/soap+xml', 'text'],
  ])('%s is %s', (type, grammar) => {
    expect(read('a', type)).toEqual({ kind: 'text', grammar, text: 'a', cut: false });
  });

  it.each([
    'application/octet-stream',
    'image/png',
    'application/grpc',
    'multipart/form-data',
    'application/x-protobuf',
  ])('%s is not shown', (type) => {
    expect(read('a', type)).toEqual({ kind: 'not-text', why: 'binary' });
  });

  it('is told by its looks when there is no content type', () => {
    expect(read(' {"a":1}')).toMatchObject({ grammar: 'json' });
    expect(read('hello')).toMatchObject({ grammar: 'text' });
    expect(read(Uint8Array.of(1, 0, 2))).toMatchObject({ kind: 'not-text' });
    expect(read(Uint8Array.of(0xff, 0xfe, 0xfd))).toMatchObject({ kind: 'not-text' });
  });

  it('has a charset', () => {
    expect(read(Uint8Array.of(0x67, 0x72, 0xfc, 0xdf, 0x65), 'text/plain; charset=ISO-8859-1')).toMatchObject({
      text: 'grüße',
    });
    expect(read(Uint8Array.of(0x67, 0xfc), 'text/plain')).toEqual({ kind: 'not-text', why: 'binary' });
    expect(read('a', 'text/plain; charset=nonsense')).toEqual({ kind: 'not-text', why: 'binary' });
  });

  it('is cut between characters', () => {
    expect(read('ü'.repeat(600), 'text/plain')).toEqual({
      kind: 'text',
      grammar: 'text',
      text: 'ü'.repeat(500),
      cut: true,
    });
    expect(read(`a${'ü'.repeat(600)}`, 'text/plain')).toMatchObject({ text: `a${'ü'.repeat(499)}`, cut: true });
  });
});

describe('content encodings', () => {
  const text = '{"a":"'.padEnd(500, 'x');
  it.each([
    ['gzip', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['GZIP ', gzipSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', bytes(text)],
  ])('%s is taken off', (encoding, body) => {
    expect(read(body, 'application/json', encoding)).toMatchObject({ kind: 'text', text });
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('%s that was cut off shows its beginning or says why not', (encoding, compress) => {
    const whole = compress(Buffer.from(Array.from({ length: 3000 }, (_, index) => String(index * 7919)).join(' ')));
    const result = read(whole.subarray(0, whole.length / 2), 'text/plain', encoding);
    const shown = result.kind === 'text' ? result.text.slice(0, 6) : result.why;
    expect(['0 7919', `is no valid ${encoding}`]).toContain(shown);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('a bomb in %s stops at the cap', (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50_000_000));
    const before = process.memoryUsage().rss;
    expect(read(bomb, 'text/plain', encoding)).toEqual({
      kind: 'not-text',
      why: 'decompresses to more than 100000 bytes',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(30_000_000);
  });

  it('that are unknown, wrong or many are named', () => {
    expect(read('a', 'text/plain', 'compress')).toMatchObject({ why: 'content encoding compress is not known' });
    expect(read('a', 'text/plain', '__proto__')).toMatchObject({ why: 'content encoding __proto__ is not known' });
    expect(read('a', 'text/plain', 'gzip')).toMatchObject({ why: 'is no valid gzip' });
    expect(read('a', 'text/plain', 'gzip,gzip,gzip')).toMatchObject({ why: 'encoded 3 times over' });
  });
});

it('never throws, whatever the bytes', () => {
  const encodings = fc.option(fc.constantFrom('gzip', 'br', 'zstd', 'deflate', 'a', ','), { nil: undefined });
  const types = fc.option(fc.constantFrom('text/plain', 'application/json', 'text/plain; charset=utf-16le', ''), {
    nil: undefined,
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), types, encodings, (body, type, encoding) => {
      expect(read(body, type, encoding).kind).toMatch(/text/);
    }),
  );
});
