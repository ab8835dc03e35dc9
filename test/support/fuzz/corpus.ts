/** Calls as Envoy makes them, to be sent as they are and mutated: what a sidecar, a gateway, a database tunnel and an access logger say. */
import { gzipSync } from 'node:zlib';
import type { Header } from '../../../src/domain/exchange.ts';
import type { CallKind } from '../../../src/ingest/transport.ts';
import { logEntry, logMessage, requestTime } from '../access-log.ts';
import {
  requestBody,
  requestHeaders,
  requestTrailers,
  responseBody,
  responseHeaders,
  responseTrailers,
} from '../extproc.ts';
import type { AttributeValue, HeadersLike, MessageOptions } from '../extproc.ts';
import { quote } from '../protobuf.ts';
import {
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  error,
  execute,
  handshake,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  sync,
} from '../postgres-wire.ts';
import { hostileBodies } from './hostile-bodies.ts';
import type { Random } from './random.ts';

export interface FuzzCall {
  readonly kind: CallKind;
  readonly metadata: readonly Header[];
  readonly messages: readonly Uint8Array[];
}

interface Template extends FuzzCall {
  /** Drawn so often, against 1. */
  readonly weight: number;
}

/** Stand for the ids of a call in its template; replaced where they lie, being as long. */
const TRACE = 'cafe0000feed0000cafe0000feed0000';
const REQUEST = 'beef0000-dead-4000-8000-beef0000dead';
const START_MICROS = 1_790_000_000_123_456;

export class Corpus {
  readonly #random: Random;
  readonly #templates = templates();
  readonly #weight: number;
  /** Ids drawn lately: transactions have several exchanges. */
  readonly #traces: string[] = [];

  constructor(random: Random) {
    this.#random = random;
    this.#weight = this.#templates.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** A call with ids of its own, or, often, with those of one before. */
  call(): FuzzCall {
    const template = this.#draw();
    const [trace, request] = this.#ids();
    return { ...template, messages: template.messages.map((bytes) => withIds(bytes, trace, request)) };
  }

  #draw(): Template {
    let left = this.#random.next() * this.#weight;
    return this.#templates.find(({ weight }) => (left -= weight) < 0) ?? this.#random.pick(this.#templates);
  }

  #ids(): readonly [trace: string, request: string] {
    const trace =
      this.#random.chance(0.6) && this.#traces.length > 0 ? this.#random.pick(this.#traces) : this.#random.hex(32);
    this.#traces.push(trace);
    if (this.#traces.length > 16) this.#traces.shift();
    return [trace, `${this.#random.hex(8)}${REQUEST.slice(8)}`];
  }
}

function withIds(bytes: Uint8Array, trace: string, request: string): Uint8Array {
  const copy = Buffer.from(bytes);
  for (const [stands, id] of [
    [TRACE, trace],
    [REQUEST, request],
  ] as const)
    for (let at = copy.indexOf(stands); at !== -1; at = copy.indexOf(stands, at + id.length))
      copy.write(id, at, 'latin1');
  return new Uint8Array(copy.buffer, copy.byteOffset, copy.length);
}

const FIRST: Readonly<Record<string, AttributeValue>> = {
  'request.id': REQUEST,
  'request.time': requestTime(START_MICROS),
  'request.protocol': 'HTTP/1.1',
  'source.address': '10.0.0.9:51234',
  'destination.address': '10.0.0.2:8080',
  'xds.cluster_name': 'pricing',
  'xds.node.cluster': 'orders',
  'xds.node.id': 'orders-1',
  'xds.listener_direction': 1,
};

function asked(more: HeadersLike = {}, options: MessageOptions = {}): Uint8Array {
  const own = {
    ':method': 'POST',
    ':path': '/orders/17?card=4111111111111111',
    ':authority': 'orders:8080',
    ':scheme': 'http',
  };
  const ids = { traceparent: `00-${TRACE}-00000000000000ab-01`, 'x-request-id': REQUEST };
  const json = { 'content-type': 'application/json', authorization: 'Bearer abcdefghijklmnop' };
  return requestHeaders([...pairs({ ...own, ...ids, ...json }), ...pairs(more)], { attributes: FIRST, ...options });
}

function answered(status: number, more: HeadersLike = {}, { flags = 0, end = false } = {}): Uint8Array {
  return responseHeaders([{ name: ':status', value: String(status) }, ...pairs(more)], {
    endOfStream: end,
    attributes: { 'response.code': status, 'response.flags': flags, 'upstream.address': '10.0.0.3:9000' },
  });
}

function pairs(headers: HeadersLike): readonly Header[] {
  return Array.isArray(headers)
    ? (headers as readonly Header[])
    : Object.entries(headers).map(([name, value]) => ({ name, value }));
}

const END = { endOfStream: true };
const JSON_TYPE = { 'content-type': 'application/json' };
const GRPC = { 'content-type': 'application/grpc', te: 'trailers' };

export function speaker(service: string, direction: string, protocol = 'http'): readonly Header[] {
  return Object.entries({ service, instance: `${service}-1`, version: '1', direction, protocol }).map(
    ([name, value]) => ({
      name: `x-loop-${name}`,
      value,
    }),
  );
}

function grpcBody(bytes: Uint8Array): Uint8Array {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

function templates(): readonly Template[] {
  const inbound = speaker('orders', 'inbound');
  const outbound = speaker('orders', 'outbound');
  const call = (weight: number, messages: readonly Uint8Array[], metadata = inbound): Template => ({
    kind: 'exchange',
    weight,
    metadata,
    messages,
  });
  const body = JSON.stringify({
    card: '4111 1111 1111 1111',
    mail: 'ann@example.org',
    lines: [1, 2, 3],
    ['__proto__']: { a: 1 },
  });
  return [
    call(24, [asked({}, END), answered(200, JSON_TYPE), responseBody(body, END)]),
    call(24, [asked(), requestBody(body, END), answered(500, JSON_TYPE), responseBody('{"error":"boom"}', END)]),
    call(16, [asked({}, END), answered(503, {}, { flags: 0x40, end: true })], outbound),
    call(8, [answered(401, JSON_TYPE), responseBody('no', END)]),
    call(
      12,
      [
        asked(),
        requestBody('{"query":"{a}"}', END),
        answered(200, JSON_TYPE),
        responseBody('{"errors":[{"message":"x"}]}', END),
      ],
      outbound,
    ),
    call(
      12,
      [
        asked(GRPC),
        requestBody(grpcBody(quote({ sku: 'a', count: 3, at: { seconds: 5 } }))),
        requestTrailers({}),
        answered(200, GRPC),
        responseBody(grpcBody(quote({ lines: [{ name: 'n', price: 1.5 }] }))),
        responseTrailers({ 'grpc-status': '14', 'grpc-message': 'no' }),
      ],
      outbound,
    ),
    call(6, [
      asked({ accept: 'text/event-stream' }, END),
      answered(200, { 'content-type': 'text/event-stream' }),
      ...Array.from({ length: 6 }, (_, index) => responseBody(`data: ${index}\n\n`)),
    ]),
    call(4, [
      asked({ upgrade: 'websocket', connection: 'upgrade' }),
      answered(101, { upgrade: 'websocket' }),
      requestBody(Uint8Array.of(0x81, 2, 104, 105)),
      responseBody(Uint8Array.of(0x81, 2, 104, 105)),
    ]),
    call(
      8,
      [
        asked({ 'content-encoding': 'gzip' }),
        requestBody(gzipSync(body), END),
        answered(502, { ...JSON_TYPE, 'content-encoding': 'gzip' }),
        responseBody(gzipSync(body.repeat(50)), END),
      ],
      outbound,
    ),
    call(4, [
      asked({ 'content-type': 'multipart/form-data; boundary=b' }),
      requestBody('--b\r\ncontent-disposition: form-data; name="pin"\r\n\r\n1234\r\n--b--\r\n', END),
      answered(500, {}, { end: true }),
    ]),
    call(6, [
      asked({}, { observabilityMode: false }),
      requestBody(body, { endOfStream: true, observabilityMode: false }),
      answered(200, JSON_TYPE, { end: true }),
    ]),
    call(6, [asked({}, END), answered(500, JSON_TYPE, { end: true })], []),
    call(4, [
      asked(),
      ...Array.from({ length: 8 }, () => requestBody('x'.repeat(16_000))),
      requestBody('', END),
      answered(500),
      responseBody('y'.repeat(60_000), END),
    ]),
    call(6, [
      asked(
        { 'x-bytes': '\xff\xfe\x80', __proto__: 'polluted', constructor: 'x', '': 'no name' },
        { ...END, attributes: { ...FIRST, ['__proto__']: 'polluted', hasOwnProperty: 'x' } },
      ),
      answered(500, { ['__proto__']: 'x' }),
      responseBody(Buffer.from('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}'), END),
    ]),
    call(1, [
      asked(
        Array.from({ length: 3000 }, (_, index) => ({ name: `x-many-${index}`, value: 'v' })),
        END,
      ),
      answered(500, {}, { end: true }),
    ]),
    call(1, [asked({ 'x-large': 'h'.repeat(200 * 1024) }, END), answered(500, {}, { end: true })]),
    call(2, [
      requestTrailers({ a: 'b' }),
      responseTrailers({ 'grpc-status': '13' }),
      asked({}, END),
      answered(200, GRPC, { end: true }),
    ]),
    ...hostile(),
    ...databases(),
    ...logs(),
  ];
}

/** Each seldom: showing one takes a hundred times as long as showing an ordinary one. */
function hostile(): readonly Template[] {
  const metadata = speaker('orders', 'inbound');
  return hostileBodies().map(({ contentType, encoding, bytes }) => {
    const type = { 'content-type': contentType, ...(encoding !== undefined && { 'content-encoding': encoding }) };
    const messages = [asked(type), requestBody(bytes, END), answered(500, type), responseBody(bytes, END)];
    return { kind: 'exchange', weight: 0.02, metadata, messages };
  });
}

function databases(): readonly Template[] {
  const connect = requestHeaders({ ':method': 'CONNECT', ':authority': 'db:5432' }, { attributes: FIRST });
  const said = [
    ...handshake,
    client(query("SELECT * FROM cards WHERE pin = '1234'")),
    server(columns(column('id', 23), column('pin')), row('1', '1234'), complete('SELECT 1'), ready()),
    client(parse('UPDATE stock SET n = $1', 's1', [23]), bind(['7'], 's1'), execute(), sync),
    server(parseComplete, bindComplete, error('40001', 'could not serialize'), ready('E')),
  ].map(({ side, bytes }) => (side === 'client' ? requestBody(bytes) : responseBody(bytes)));
  const messages = [connect, answered(200), ...said];
  const metadata = speaker('orders', 'outbound', 'postgres');
  return [
    { kind: 'exchange', weight: 8, metadata, messages },
    {
      kind: 'exchange',
      weight: 2,
      metadata,
      messages: [connect, answered(503, {}, { flags: 2 }), responseBody('upstream connect error', END)],
    },
    { kind: 'exchange', weight: 2, metadata: speaker('orders', 'outbound', 'redis'), messages },
    { kind: 'exchange', weight: 1, metadata: speaker('orders', 'inbound', '__proto__'), messages },
  ];
}

function logs(): readonly Template[] {
  const common = { requestId: REQUEST, startMicros: START_MICROS, durationMs: 12.5, path: '/orders/17?token=abc' };
  const trace = { requestHeaders: { traceparent: `00-${TRACE}-00000000000000ab-01` } };
  const entries = [
    logEntry({ ...common, ...trace, code: 500, details: 'via_upstream' }),
    logEntry({
      ...common,
      ...trace,
      code: 0,
      flags: ['downstreamConnectionTermination'],
      details: 'downstream_remote_disconnect',
    }),
    logEntry({
      ...common,
      code: 503,
      flags: ['noHealthyUpstream'],
      responseHeaders: { 'content-type': 'application/grpc' },
      responseTrailers: { 'grpc-status': '14' },
    }),
    logEntry({ ...common, remote: { listener: 'tunnel' }, code: 200, method: 'CONNECT' }),
  ];
  const node = { id: 'orders-1', cluster: 'orders' };
  return [
    {
      kind: 'log',
      weight: 12,
      metadata: speaker('orders', 'inbound'),
      messages: entries.map((entry) => logMessage([entry], node)),
    },
    {
      kind: 'log',
      weight: 4,
      metadata: speaker('%HOSTNAME%', 'outbound'),
      messages: [logMessage(entries, node), logMessage([])],
    },
    { kind: 'log', weight: 2, metadata: [], messages: [logMessage(entries)] },
  ];
}
