import { expect, it } from 'vitest';
import { harContent, harPostData } from '../../../src/har/body.ts';
import type { BodyView, MessageView } from '../../../src/seal/view-schema.ts';

function message(body: BodyView, headers: MessageView['headers'] = [], complete = true): MessageView {
  return { headers, body, trailers: [], startedAt: 0, endedAt: 0, complete };
}

const text = (value: string, more: object = {}) =>
  ({ kind: 'text', bytes: 10, contentType: 'text/plain', text: value, truncated: false, ...more }) as const;

it('text as text, with the size it had on the wire', () => {
  expect(harContent(message(text('hello')))).toEqual({ size: 10, mimeType: 'text/plain', text: 'hello' });
  expect(harPostData(message(text('a=1')))).toEqual({ mimeType: 'text/plain', text: 'a=1' });
});

it('of a compressed body the size is that of the text', () => {
  const gzip = [{ name: 'content-encoding', value: 'gzip' }];
  expect(harContent(message(text('héllo'), gzip)).size).toBe(6);
});

it('characters that are no text as base64', () => {
  const encoded = Buffer.from('\u0000\u0001é').toString('base64');
  expect(harContent(message(text('\u0000\u0001é')))).toMatchObject({ encoding: 'base64', text: encoded });
  expect(harPostData(message(text('\u0000\u0001é')))).toMatchObject({ _encoding: 'base64', text: encoded });
  expect(harContent(message(text('a\r\n\tb')))).not.toHaveProperty('encoding');
});

it('what is not shown is said, with its size', () => {
  const omitted = { kind: 'omitted', bytes: 4096, contentType: 'image/png', why: 'binary' } as const;
  expect(harContent(message(omitted))).toEqual({
    size: 4096,
    mimeType: 'image/png',
    comment: '4096 bytes, not shown: binary',
  });
  expect(harPostData(message(omitted))).toMatchObject({ text: '', comment: '4096 bytes, not shown: binary' });
});

it('cut bodies say so', () => {
  expect(harContent(message(text('x', { truncated: true }), [], false)).comment).toBe(
    'only its beginning is shown; it was cut off',
  );
});

it('no body is no body', () => {
  expect(harContent(undefined)).toEqual({ size: 0, mimeType: 'x-unknown' });
  expect(harContent(message({ kind: 'empty' }, [{ name: 'content-type', value: 'text/html' }]))).toEqual({
    size: 0,
    mimeType: 'text/html',
  });
  expect(harPostData(message({ kind: 'empty' }))).toBeUndefined();
});
