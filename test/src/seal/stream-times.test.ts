import { expect, it } from 'vitest';
import { timed } from '../../../src/seal/stream-times.ts';
import type { MessageView } from '../../../src/seal/view-schema.ts';
import { exchange, message, T0 } from '../../support/transaction.ts';

const BODY = [
  { at: T0 + 1, bytes: Buffer.from('id: 1\ndata: a\n\nda') },
  { at: T0 + 9, bytes: Buffer.from('ta: last\n\n') },
];

function view(text: string): MessageView {
  const body = { kind: 'text', bytes: text.length, text, truncated: false } as const;
  return { headers: [], trailers: [], startedAt: T0, endedAt: T0 + 10, complete: true, body };
}

function events(more: Readonly<Record<string, string>> = {}) {
  const response = message({ ':status': '200', 'content-type': 'text/event-stream', ...more }, '', {
    body: BODY,
    endedAt: T0 + 10,
  });
  return exchange(1, { response });
}

it('each line of an event stream has the time at which it was whole', () =>
  expect(timed(view('id: 1\ndata: a\n\ndata: last\n\n'), events(), 'server').body).toMatchObject({
    times: [1, 1, 1, 9, 9, 10].map((at) => T0 + at),
  }));

it('of a packed one there is none to tell, nor of anything else', () => {
  const plain = view('data: a\n');
  expect(timed(plain, events({ 'content-encoding': 'gzip' }), 'server')).toBe(plain);
  expect(timed(plain, exchange(1), 'server')).toBe(plain);
});
