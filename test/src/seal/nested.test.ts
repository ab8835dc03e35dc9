import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { hiddenText } from '../../../src/seal/nested.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { cpuMs } from '../../support/spans.ts';

const TEXT = '{"user":"ann","password":"hunter2"}';
const packed = [
  ['base64', Buffer.from(TEXT).toString('base64')],
  ['base64url', Buffer.from(TEXT).toString('base64url')],
  ['gzip', gzipSync(TEXT).toString('base64')],
  ['zlib', deflateSync(TEXT).toString('base64')],
  ['zstd', zstdCompressSync(TEXT).toString('base64')],
  ['bytes of Postgres', `\\x${Buffer.from(TEXT).toString('hex')}`],
  ['gzip as bytes of Postgres', `\\x${gzipSync(TEXT).toString('hex')}`],
] as const;

describe.each(packed)('%s', (_what, value) => {
  const redact = createRedactor(redactionKey(newDataKey()));

  it('is looked into', () => {
    expect(hiddenText(value, 1000)).toMatchObject({ kind: 'text', text: TEXT });
  });

  it('is hidden whole when what is in it would be redacted', () => {
    for (const redacted of [
      redact.header({ name: 'x-state', value }).value,
      redact.json(JSON.stringify({ state: value })),
      redact.form(`state=${encodeURIComponent(value)}`),
      redact.text(`/a/${encodeURIComponent(value)}/b`),
      redact.parameter('SELECT $1', value),
    ]) {
      expect(redacted).toMatch(/REDACTED\(\w+\.[0-9a-f]{12}\.\d+\)/);
      expect(redacted).not.toContain(value.slice(4, 20));
    }
  });

  it('is hidden three levels deep, and where it was cut off', () => {
    const twice = Buffer.from(JSON.stringify({ inner: value })).toString('base64');
    expect(redact.text(twice)).toMatch(/^REDACTED\(/);
    expect(redact.text(`said ${twice}, twice`)).toMatch(/^said REDACTED\(.*\), twice$/);
  });
});

it('leaves what holds no text, or no secret', () => {
  const redact = createRedactor(redactionKey(newDataKey()));
  const bytes = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 7919) % 256)).toString('base64');
  for (const value of [
    bytes,
    Buffer.from('nothing to hide at all').toString('base64'),
    '/static/js/components/main.js',
    'a'.repeat(100),
  ])
    expect(redact.text(value)).toBe(value);
});

it('does not unpack a bomb, nor many', () => {
  expect(hiddenText(gzipSync(Buffer.alloc(8 * 1024 * 1024)).toString('base64'), 100_000)).toEqual({
    kind: 'too-large',
  });
  expect(hiddenText(Buffer.from(TEXT.repeat(40_000)).toString('base64'), 100_000)).toEqual({ kind: 'too-large' });
  const bombs = Array.from({ length: 500 }, () => gzipSync(Buffer.alloc(1024 * 1024, 'a ')).toString('base64'));
  const redact = createRedactor(redactionKey(newDataKey()));
  expect(cpuMs(() => redact.json(JSON.stringify(bombs)))).toBeLessThan(5000);
});
