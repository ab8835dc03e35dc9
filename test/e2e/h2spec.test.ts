// Our server side of HTTP/2 against the conformance tests, bare and under the transport that sidecars talk to.
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Http2Connection, Http2Events } from '../../src/wire/http2/connection.ts';
import type { H2SpecCase } from '../support/h2spec.ts';
import { h2spec, h2specProgram } from '../support/h2spec.ts';
import { serveHttp2 } from '../support/http2-socket.ts';
import { startTestIngest } from '../support/ingest.ts';

/** Cases that are not meant to pass, and why; one that passes is to leave the list. */
const EXPECTED_TO_FAIL = new Map([
  ['http2/5.3.1/1', 'priorities: RFC 9113 section 5.3.2 gave up what RFC 7540 said of a stream that depends on itself'],
  ['http2/5.3.1/2', 'the same, in PRIORITY'],
]);

/** h2spec asks for `GET /`, which is no gRPC and so is answered and reset at its headers: cases about what follows on a stream find it closed. */
const UNDER_TRANSPORT = [
  'generic/1',
  'generic/3',
  'generic/4',
  'generic/5',
  'hpack',
  'http2/3.5',
  'http2/4',
  'http2/5.4.1',
  'http2/5.5',
  'http2/6.2',
  'http2/6.3',
  'http2/6.4',
  'http2/6.5',
  'http2/6.7',
  'http2/6.8',
  'http2/6.10',
  'http2/7',
  'http2/8.1.2.2',
  'http2/8.1.2.3',
  'http2/8.2',
];

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

const failedIn = (cases: readonly H2SpecCase[]): readonly string[] =>
  cases.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id);

const skippedIn = (cases: readonly H2SpecCase[]): readonly string[] =>
  cases.filter(({ outcome }) => outcome === 'skipped').map(({ id }) => id);

beforeAll(() => void h2specProgram(), 240_000);

test('bare: HTTP/2 and HPACK as RFC 9113 and RFC 7541 have them', { timeout: 60_000 }, async () => {
  await using server = await serveHttp2(answering);
  const cases = await h2spec(server.port);
  expect(cases.length).toBeGreaterThanOrEqual(145);
  expect(skippedIn(cases)).toEqual([]);
  expect(failedIn(cases)).toEqual([...EXPECTED_TO_FAIL.keys()]);
});

test('under the transport: the same, where no call has to stay open', { timeout: 60_000 }, async () => {
  const ingest = await startTestIngest();
  onTestFinished(() => ingest.close());
  const { address } = ingest;
  const cases = await h2spec(address.kind === 'tcp' ? address.port : 0, UNDER_TRANSPORT);
  expect(cases.length).toBeGreaterThanOrEqual(90);
  expect(failedIn(cases)).toEqual([]);
  // It wants DATA in an answer.
  expect(skippedIn(cases)).toEqual(['http2/6.5.3/1']);
});
