import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStreamReader } from '../../../../src/wire/sse/messages.ts';

function read(stream: string) {
  const reader = new EventStreamReader();
  const messages = reader.push(Buffer.from(stream), 5);
  reader.end();
  return messages.map(({ kind, bytes, headers = [] }) => [
    kind,
    Buffer.from(bytes).toString(),
    ...headers.map(({ name, value }) => `${name}=${value}`),
  ]);
}

describe('events', () => {
  it.each([
    ['data: one\n\n', ['event', 'one']],
    ['data:one\ndata:  two\ndata\n\n', ['event', 'one\n two\n']],
    ['event: price\nid: 7\nretry: 250\ndata: {"a":1}\n\n', ['event', '{"a":1}', 'event=price', 'id=7', 'retry=250']],
    ['id\ndata: x\n\n', ['event', 'x', 'id=']],
    ['id: a\0b\nretry: soon\nfoo: bar\ndata: x\n\n', ['event', 'x']],
    ['data: a:b: c\n\n', ['event', 'a:b: c']],
    [': still here\n\n', ['comment', 'still here']],
    [': a\ndata: b\n\n', ['event', 'b']],
    ['retry: 10\n\n', ['event', '', 'retry=10']],
  ])('%j', (stream, message) => expect(read(stream)).toEqual([message]));

  it('have the time of their last byte, and what they were on the wire', () => {
    const reader = new EventStreamReader();
    expect(reader.push(Buffer.from('data: sl'), 10)).toEqual([]);
    const [event] = reader.push(Buffer.from('ow\n\ndata'), 20);
    expect(event).toMatchObject({ side: 'server', at: 20, summary: 'event, 4 bytes' });
    expect(Buffer.from(event?.wire ?? '').toString()).toBe('data: slow\n\n');
    expect(Buffer.from(reader.end()).toString()).toBe('data');
    expect(reader.fault).toBe('truncated');
  });

  it('more than anybody reads', () => {
    const reader = new EventStreamReader();
    const many = Buffer.from('data\n\n'.repeat(60_000));
    for (let turn = 0; turn < 3; turn += 1) reader.push(many, 0);
    expect(reader.fault).toBe('too-many');
  });

  it('any bytes are read, and nothing breaks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (chunks) => {
        const reader = new EventStreamReader(100);
        for (const chunk of chunks) reader.push(chunk, 0);
        expect(reader.end().length).toBeLessThanOrEqual(chunks.length * 30);
      }),
    );
  });
});
