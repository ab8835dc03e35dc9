import * as http2 from 'node:http2';
import { gzipSync } from 'node:zlib';
import * as grpc from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Exchange, Header } from '../../../../src/domain/exchange.ts';
import { encodeGrpcFrame } from '../../../../src/wire/grpc/framing.ts';
import type { ServedMock } from '../../../support/http-mock.ts';
import { serveRecorded } from '../../../support/http-mock.ts';
import { quote } from '../../../support/protobuf.ts';
import { exchange, headers, message, T0 } from '../../../support/transaction.ts';

const PATH = '/shop.Pricing/Quote';
const GRPC = { 'content-type': 'application/grpc' };
const framed = (bytes: Uint8Array, compressed = false) => encodeGrpcFrame({ compressed, bytes });

interface Recorded {
  readonly asked?: Uint8Array;
  readonly headers?: Record<string, string>;
  readonly answer?: Uint8Array;
  readonly trailers?: Record<string, string>;
  readonly complete?: boolean;
}

/** A unary call, as Envoy recorded it. */
function call(
  number: number,
  { asked = quote({ sku: 'A' }), headers: first = {}, answer, trailers, complete = true }: Recorded,
): Exchange {
  return exchange(number, {
    protocol: 'http/2',
    request: message(
      { ':method': 'POST', ':path': PATH, ':authority': 'pricing', ...GRPC, te: 'trailers' },
      framed(asked),
    ),
    response: message({ ':status': '200', ...GRPC, ...first }, answer ?? new Uint8Array(), {
      trailers: headers(trailers ?? {}),
      complete,
    }),
  });
}

const same = (bytes: Buffer): Buffer => bytes;

interface Told {
  readonly code: number;
  readonly details: string;
  readonly messages: readonly string[];
  readonly metadata: Record<string, grpc.MetadataValue>;
  readonly trailers: Record<string, grpc.MetadataValue>;
}

/** What a real client makes of the answer. */
async function ask(
  { port, authority }: ServedMock,
  asked: Uint8Array,
  { tls = false, path = PATH } = {},
): Promise<Told> {
  const credentials = tls ? grpc.credentials.createSsl(Buffer.from(authority)) : grpc.credentials.createInsecure();
  const client = new grpc.Client(`127.0.0.1:${port}`, credentials, {
    'grpc.default_authority': 'pricing',
    'grpc.ssl_target_name_override': 'pricing',
  });
  onTestFinished(() => client.close());
  return await new Promise((resolve) => {
    const messages: string[] = [];
    let metadata: grpc.Metadata | undefined;
    const stream = client.makeServerStreamRequest(path, same, same, Buffer.from(asked), new grpc.Metadata());
    stream.on('metadata', (got: grpc.Metadata) => (metadata = got));
    stream.on('data', (bytes: Buffer) => messages.push(bytes.toString()));
    stream.on('error', () => undefined);
    stream.on('status', ({ code, details, metadata: last }: grpc.StatusObject) =>
      resolve({ code, details, messages, metadata: metadata?.getMap() ?? {}, trailers: last.getMap() }),
    );
  });
}

describe('a gRPC peer from the recording, asked by grpc-js', () => {
  it.each([
    ['plain', false],
    ['TLS', true],
  ])('answers with message, metadata and trailers: %s', async (_what, tls) => {
    const recorded = call(1, {
      headers: { 'x-own': 'first' },
      answer: framed(Buffer.from('cheap')),
      trailers: { 'grpc-status': '0', 'x-own': 'last' },
    });
    const served = await serveRecorded(recorded);
    expect(await ask(served, quote({ sku: 'A' }), { tls })).toMatchObject({
      code: 0,
      messages: ['cheap'],
      metadata: { 'x-own': 'first' },
      trailers: { 'x-own': 'last' },
    });
    expect(served.calls).toMatchObject([
      { protocol: 'grpc', peer: 'pricing:443', summary: PATH, grade: 'exact', exchange: recorded.id },
    ]);
  });

  it('answers with the recorded error, in trailers or alone', async () => {
    const served = await serveRecorded(
      call(1, { asked: quote({ sku: 'A' }), trailers: { 'grpc-status': '13', 'grpc-message': 'caf%C3%A9 closed' } }),
      call(2, { asked: quote({ sku: 'B' }), headers: { 'grpc-status': '5', 'grpc-message': 'no B' } }),
    );
    expect(await ask(served, quote({ sku: 'A' }))).toMatchObject({
      code: 13,
      details: 'caf\u00e9 closed',
      messages: [],
    });
    expect(await ask(served, quote({ sku: 'B' }))).toMatchObject({ code: 5, details: 'no B' });
    expect(served.calls.map(({ grade }) => grade)).toEqual(['exact', 'exact']);
  });

  it('answers compressed where that was recorded, and with as many messages', async () => {
    const served = await serveRecorded(
      call(1, {
        headers: { 'grpc-encoding': 'gzip' },
        answer: Buffer.concat([
          framed(gzipSync('one'), true),
          framed(Buffer.from('two')),
          framed(gzipSync('three'), true),
        ]),
        trailers: { 'grpc-status': '0' },
      }),
    );
    expect(await ask(served, quote({ sku: 'A' }))).toMatchObject({ code: 0, messages: ['one', 'two', 'three'] });
  });

  it('tells calls apart by what their messages mean', async () => {
    const id = (digit: string) => `${digit.repeat(8)}-1111-4111-8111-111111111111`;
    const at = (seconds: number, nanos: number) => ({ seconds: T0 / 1000 + seconds, nanos });
    const answering = (text: string) => ({ answer: framed(Buffer.from(text)), trailers: { 'grpc-status': '0' } });
    const served = await serveRecorded(
      call(1, { asked: quote({ sku: 'A', count: 1, id: id('1'), at: at(0, 5) }), ...answering('A') }),
      call(2, { asked: quote({ sku: 'B', count: 2, id: id('2'), at: at(1, 7) }), ...answering('B') }),
      call(3, { asked: quote({ sku: 'C', count: 3 }), ...answering('C') }),
    );
    const asked = [
      quote({ sku: 'B', count: 2, id: id('3'), at: at(60, 123_456_789) }),
      quote({ sku: 'A', count: 1, id: id('1'), at: at(0, 5) }),
      quote({ sku: 'C', count: 4 }),
    ];
    const told = [];
    for (const bytes of asked) told.push((await ask(served, bytes)).messages[0]);
    expect(told).toEqual(['B', 'A', 'C']);
    expect(served.calls.map(({ grade, explanation }) => [grade, explanation])).toEqual([
      ['normalised', undefined],
      ['exact', undefined],
      ['drifted', ['body.2: recorded "3", asked "4"']],
    ]);
  });

  it('fails closed with UNKNOWN, explained, and is not asked again', async () => {
    const served = await serveRecorded(call(1, { trailers: { 'grpc-status': '0' } }));
    const told = await ask(served, quote({ sku: 'A' }), { path: '/shop.Pricing/Discount' });
    expect(told.code).toBe(2);
    expect(told.details).toMatch(
      /^loop replay: no recorded answer\. POST \/shop\.Pricing\/Discount: no recorded call asks this\./,
    );
    expect(served.calls).toMatchObject([{ protocol: 'grpc', grade: 'missed', matters: true }]);
  });

  it('cuts off an answer where it was cut off', async () => {
    const served = await serveRecorded(call(1, { answer: framed(Buffer.from('half')), complete: false }));
    expect(await ask(served, quote({ sku: 'A' }))).toMatchObject({ code: 13, messages: ['half'] });
    expect(served.calls[0]?.explanation).toEqual(['the recorded answer was cut off: so is this one']);
  });
});

async function fetchOver(port: number, asked: http2.OutgoingHttpHeaders, body = '') {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const stream = session.request(asked);
  const chunks: Buffer[] = [];
  let answered: readonly string[] = [];
  stream.on('response', (_headers: unknown, _flags: number, raw: readonly string[]) => (answered = raw));
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (body !== '') stream.end(body);
  await new Promise((resolve) => stream.once('close', resolve));
  return { headers: answered, text: Buffer.concat(chunks).toString() };
}

describe('an HTTP peer asked over HTTP/2', () => {
  const asked = (path: string, more: readonly Header[] = []) => ({
    ...message({ ':method': 'GET', ':path': path }),
    trailers: more,
  });

  it('answers with the recorded status, headers, repeats and body, also when it was recorded over HTTP/1.1', async () => {
    const recorded = exchange(1, {
      request: asked('/p'),
      response: message(
        {
          ':status': '201',
          'set-cookie': ['a=1', 'b=2'],
          'x-odd': 'caf\u00e9',
          'transfer-encoding': 'chunked',
          connection: 'keep-alive',
        },
        'hello',
      ),
    });
    const { port, calls } = await serveRecorded(recorded);
    expect(await fetchOver(port, { ':path': '/p' })).toEqual({
      headers: [':status', '201', 'set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-odd', 'caf\u00e9'],
      text: 'hello',
    });
    expect(calls).toMatchObject([{ protocol: 'http', grade: 'exact', summary: 'GET /p' }]);
  });

  it('sends the first of headers that must not repeat', async () => {
    const response = message({ ':status': '200', 'content-type': ['text/plain', 'text/html'] }, 'x');
    const { port } = await serveRecorded(exchange(1, { request: asked('/p'), response }));
    expect((await fetchOver(port, { ':path': '/p' })).headers).toEqual([
      ':status',
      '200',
      'content-type',
      'text/plain',
    ]);
  });

  it('fails closed', async () => {
    const { port, calls } = await serveRecorded(exchange(1, { request: asked('/p') }));
    const { headers: answered, text } = await fetchOver(port, { ':path': '/q' });
    expect(answered.slice(0, 2)).toEqual([':status', '501']);
    expect(text).toContain('GET /q: no recorded call asks this.');
    expect(calls).toMatchObject([{ grade: 'missed' }]);
  });

  it('takes and gives ten megabytes', async () => {
    const body = 'x'.repeat(10_000_000);
    const recorded = exchange(1, {
      request: message({ ':method': 'PUT', ':path': '/p' }, body),
      response: message({ ':status': '200' }, body),
    });
    const { port, calls } = await serveRecorded(recorded);
    expect((await fetchOver(port, { ':method': 'PUT', ':path': '/p' }, body)).text.length).toBe(body.length);
    expect(calls).toMatchObject([{ grade: 'exact' }]);
  });

  it('hangs where no answer was recorded', async () => {
    const { response: _none, ...unanswered } = exchange(1, { request: asked('/p') });
    const { port, calls } = await serveRecorded(unanswered);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    onTestFinished(() => session.destroy());
    const stream = session.request({ ':path': '/p' });
    let heard = false;
    stream.on('response', () => (heard = true));
    while (calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise<void>((resolve) => session.ping(() => resolve()));
    expect([calls[0]?.explanation, heard]).toEqual([['no answer was recorded: the call hangs, as it did'], false]);
  });
});
