/** An event stream changed in any way is read, or is a fault; what it was on the wire is never lost. */
import { expect, it } from 'vitest';
import { EventStreamReader } from '../../../../src/wire/sse/messages.ts';
import { Random } from '../../../support/fuzz/random.ts';

/** As the server of the matrix writes it, and as other servers do. */
const STREAMS = [
  ': hello\n\nretry: 20\n\nid: 1\r\nevent: price\r\ndata: {"id":1,\r\ndata: "note":"zwölf"}\r\n\r\nid: 2\r\nevent: done\r\ndata: {"id":2}\r\n\r\n',
  '\ufeffdata: {"choices":[{"delta":{"content":"Hel"}}]}\n\ndata: {"choices":[{"delta":{"content":"lo"}}]}\n\ndata: [DONE]\n\n',
  'event: ping\rdata: 1\r\r:\r\revent: ping\rdata: 2\r\r',
].map((text) => Buffer.from(text));

it.each(STREAMS.map((bytes, index) => [index, bytes] as const))('stream %s, byte by byte', (_, bytes) => {
  const whole = new EventStreamReader();
  const pieces = new EventStreamReader();
  const all = whole.push(bytes, 0);
  expect(Array.from(bytes, (byte) => pieces.push(Uint8Array.of(byte), 0)).flat()).toMatchObject(
    all.map(({ kind, summary }) => ({ kind, summary })),
  );
  expect(all.length).toBeGreaterThanOrEqual(3);
});

it('changed in any way', () => {
  const count = Number(process.env['LOOP_MUTATIONS'] ?? 4000);
  const random = new Random(7);
  for (let turn = 0; turn < count; turn += 1) {
    const bytes = Uint8Array.from(STREAMS[turn % STREAMS.length] ?? []);
    for (let change = 0; change <= turn % 4; change += 1) bytes[random.below(bytes.length)] = random.below(256);
    const cut = random.below(bytes.length);
    const reader = new EventStreamReader();
    const wires = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((piece) => reader.push(piece, 0));
    const kept = Buffer.concat([...wires.map(({ wire }) => wire ?? new Uint8Array(0)), reader.end()]);
    if (!kept.equals(bytes)) throw new Error(`lost bytes of ${Buffer.from(bytes).toString('hex')}`);
  }
  expect(count).toBeGreaterThan(0);
});
