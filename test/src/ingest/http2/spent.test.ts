import { expect, test } from 'vitest';
import { letGo } from '../../../../src/ingest/http2/spent.ts';

test('a chunk with memory of its own gives it back', () => {
  const chunk = Buffer.from(new ArrayBuffer(65_536));
  letGo(chunk);
  expect(chunk.length).toBe(0);
  expect(() => letGo(chunk)).not.toThrow();
});

test('memory that others may have a part of stays', () => {
  const shared = new ArrayBuffer(10);
  letGo(Buffer.from(shared, 0, 9));
  letGo(Buffer.from(shared, 1));
  expect(shared.byteLength).toBe(10);
});
