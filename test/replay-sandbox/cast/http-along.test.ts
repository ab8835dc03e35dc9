import { expect, test } from 'vitest';
import { HeardCall } from '../../../replay-sandbox/cast/heard.ts';
import type { Heard } from '../../../replay-sandbox/cast/heard.ts';
import { alongHttp } from '../../../replay-sandbox/cast/http-along.ts';
import { PREFACE } from '../../../replay-sandbox/cast/http2/along.ts';

/** HEADERS of stream 1, END_STREAM and END_HEADERS: `GET /` of the static table. */
const HTTP2_REQUEST = Buffer.concat([PREFACE, Buffer.from([0, 0, 2, 1, 5, 0, 0, 0, 1, 0x82, 0x84])]);

test.each([
  ['HTTP/1.1', Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n')],
  ['HTTP/2', HTTP2_REQUEST],
])('%s: a call whose server says nothing more is broken then, not when both sides are closed', (_name, asked) => {
  const heard: Heard[] = [];
  const along = alongHttp(() => new HeardCall((one) => heard.push(one)));
  along.fromClient(asked);
  expect(heard).toEqual([]);
  along.serverEnded?.();
  expect(heard).toMatchObject([{ ended: 'broken', asked: { method: 'GET', target: '/' } }]);
  along.closed();
  expect(heard).toHaveLength(1);
});

test('an answer without a length is whole when its server says nothing more', () => {
  const heard: Heard[] = [];
  const along = alongHttp(() => new HeardCall((one) => heard.push(one)));
  along.fromClient(Buffer.from('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
  along.fromServer(Buffer.from('HTTP/1.1 200 OK\r\n\r\nall of it'));
  along.serverEnded?.();
  expect(heard).toMatchObject([{ ended: 'whole', answer: { status: 200 } }]);
});
