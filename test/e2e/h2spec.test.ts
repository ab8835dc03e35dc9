// Our server side of HTTP/2 against the conformance tests, bare and under the transport that sidecars talk to.
import { expect, test } from 'vitest';
import type { Http2Connection, Http2Events } from '../../src/wire/http2/connection.ts';
import { h2spec, h2specProgram } from '../support/h2spec.ts';
import { serveHttp2 } from '../support/http2-socket.ts';

/** Cases that are not meant to pass, and why; one that passes is to leave the list. */
const EXPECTED_TO_FAIL = new Map([
  ['http2/5.3.1/1', 'priorities: RFC 9113 section 5.3.2 gave up what RFC 7540 said of a stream that depends on itself'],
  ['http2/5.3.1/2', 'the same, in PRIORITY'],
]);

/** Answers each call with a few bytes, as h2spec wants it. */
function answering(connection: () => Http2Connection): Http2Events {
  return {
    opened: (stream) => ({
      data: () => undefined,
      ended: () => {
        connection().respond(stream, Buffer.of(0x88), false);
        connection().send(stream, Buffer.from('hello'), true);
      },
      closed: () => undefined,
    }),
  };
}

test('HTTP/2 and HPACK as RFC 9113 and RFC 7541 have them', { timeout: 240_000 }, async () => {
  h2specProgram();
  await using server = await serveHttp2(answering);
  const cases = await h2spec(server.port);
  expect(cases.length).toBeGreaterThanOrEqual(145);
  expect(cases.filter(({ outcome }) => outcome === 'skipped')).toEqual([]);
  const failed = cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);
  expect(failed).toEqual([...EXPECTED_TO_FAIL.keys()]);
});
