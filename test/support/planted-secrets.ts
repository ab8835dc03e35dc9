/** 200 secrets, no two alike, and a transaction that has them in every place a secret can be in. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Segment } from '../../src/domain/segment.ts';
import { encodeGrpcFrame } from '../../src/wire/grpc/framing.ts';
import { writeFields } from '../../src/wire/protobuf/write.ts';
import { encodeHeaders } from '../../src/wire/extproc/headers.ts';
import { encodeEnd } from '../../src/wire/segments/record.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from './extproc.ts';
import { connectionSegments } from './postgres-segments.ts';
import {
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  execute,
  handshake,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  sync,
} from './postgres-wire.ts';
import { T0 } from './transaction.ts';

interface Secret {
  /** What must not be readable. */
  readonly text: string;
  /** How it is found: by its looks alone, or by the name it goes by. */
  readonly by: 'looks' | 'name';
}

const digest = (text: string) => createHash('sha256').update(text).digest();
const digits = (seed: string, count: number) =>
  Array.from({ length: count }, (_, index) => (digest(seed)[index % 32] ?? 0) % 10).join('');
const letters = (seed: string, count: number) =>
  Array.from(
    digest(seed)
      .toString('base64')
      .replace(/[^A-Za-z0-9]/g, '')
      .repeat(2),
  )
    .slice(0, count)
    .join('');

function luhn(body: string): string {
  const sum = Array.from(body)
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

function iban(seed: string): string {
  const account = digits(seed, 18);
  const check = 98n - (BigInt(`${account}131400`) % 97n);
  return `DE${String(check).padStart(2, '0')}${account}`;
}

const piece = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** By their looks. Put together here, or other people's scanners would find them in this file. */
const LOOKS: readonly ((seed: string) => string)[] = [
  (seed) => luhn(`4${digits(seed, 14)}`),
  (seed) => `person.${digits(seed, 8)}@corp.example`,
  iban,
  (seed) => `+4917${digits(seed, 8)}`,
  (seed) => `ghp_${letters(seed, 18)}${letters(`${seed}b`, 18)}`,
  (seed) => `${piece({ alg: 'HS256' })}.${piece({ sub: digits(seed, 9) })}.${letters(seed, 32)}`,
  (seed) => `AKIA${letters(seed, 16).toUpperCase()}`,
];

/** `count` secrets of one place; every fourth is known by its name alone, where the place has names. */
function secretsOf(place: string, count: number, named: boolean): readonly Secret[] {
  return Array.from({ length: count }, (_, index): Secret => {
    const seed = `${place} ${index}`;
    if (named && index % 4 === 3) return { text: `pw-${letters(seed, 12)}`, by: 'name' };
    const make = LOOKS[index % LOOKS.length] ?? iban;
    return { text: make(seed), by: 'looks' };
  });
}

const HEADERS = secretsOf('header', 20, true);
const QUERY = secretsOf('query', 20, true);
const PATH = secretsOf('path', 20, false);
const JSON_BODY = secretsOf('json', 20, true);
const FORM = secretsOf('form', 20, true);
const MULTIPART = secretsOf('multipart', 20, true);
const LITERALS = secretsOf('literal', 15, true);
const PARAMETERS = secretsOf('parameter', 10, true);
const CELLS = secretsOf('cell', 10, true);
/** Given out under names that say nothing. */
const RENAMED = secretsOf('renamed', 5, true);
const PROTOBUF = secretsOf('protobuf', 20, false);
const BASE64 = secretsOf('base64', 10, true);
const GZIP = secretsOf('gzip', 10, true);

export const PLANTED: readonly string[] = [
  HEADERS,
  QUERY,
  PATH,
  JSON_BODY,
  FORM,
  MULTIPART,
  LITERALS,
  PARAMETERS,
  CELLS,
  RENAMED,
  PROTOBUF,
  BASE64,
  GZIP,
].flatMap((secrets) => secrets.map(({ text }) => text));

const nameOf = ({ by }: Secret, index: number) => (by === 'name' ? `password_${index}` : `field_${index}`);

function named(secrets: readonly Secret[]): Readonly<Record<string, string>> {
  return Object.fromEntries(secrets.map((secret, index) => [nameOf(secret, index), secret.text]));
}

interface Sent {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly body?: string | Uint8Array;
}

function exchange(stream: number, direction: 'inbound' | 'outbound', sent: Sent): readonly Segment[] {
  const metadata = { service: 'shop', instance: 'shop-1', direction, protocol: 'http' };
  const head = {
    ':method': 'POST',
    ':path': sent.path,
    ':authority': 'peer.test',
    ...(sent.type && { 'content-type': sent.type }),
    ...sent.headers,
  };
  const body = Buffer.from(sent.body ?? '');
  const pieces = [
    {
      kind: 'opened' as const,
      payload: encodeHeaders(Object.entries(metadata).map(([name, value]) => ({ name: `x-loop-${name}`, value }))),
    },
    ...[
      requestHeaders(head),
      // Cut in the middle, as bodies come.
      requestBody(body.subarray(0, body.length >> 1)),
      requestBody(body.subarray(body.length >> 1), { endOfStream: true }),
      responseHeaders({ ':status': '500', 'content-type': 'application/json' }),
      responseBody('{"error":"internal"}', { endOfStream: true }),
    ].map((payload) => ({ kind: 'message' as const, payload })),
    { kind: 'ended' as const, payload: encodeEnd('closed') },
  ];
  return pieces.map((one, sequence) => ({
    ...one,
    stream,
    sequence,
    at: T0 + stream + sequence / 10,
    flags: 0,
    openInbound: 1,
    owner: 1,
  }));
}

function multipart(): string {
  const parts = MULTIPART.map(
    (secret, index) =>
      `--b\r\nContent-Disposition: form-data; name="${nameOf(secret, index)}"\r\n\r\n${secret.text}\r\n`,
  );
  return `${parts.join('')}--b--\r\n`;
}

function grpc(): Uint8Array {
  const fields = PROTOBUF.map(({ text }, index) => ({ kind: 'text' as const, number: index + 1, text }));
  return encodeGrpcFrame({ compressed: false, bytes: writeFields(fields) });
}

function sql(): Parameters<typeof connectionSegments>[0]['sent'] {
  const literals = LITERALS.flatMap((secret, index) => [
    client(query(`UPDATE t SET ${nameOf(secret, index)} = '${secret.text}' WHERE id = 1`)),
    server(complete('UPDATE 1'), ready()),
  ]);
  const parameters = PARAMETERS.flatMap((secret, index) => [
    client(parse(`UPDATE t SET ${nameOf(secret, index)} = $1`), bind([secret.text]), execute(), sync),
    server(parseComplete, bindComplete, complete('UPDATE 1'), ready()),
  ]);
  const cells = [
    client(query('SELECT * FROM accounts')),
    server(
      columns(...CELLS.map((secret, index) => column(nameOf(secret, index)))),
      row(...CELLS.map(({ text }) => text)),
      complete('SELECT 1'),
      ready(),
    ),
    client(
      query(`SELECT ${RENAMED.map((_, index) => `lower(password_${index}) AS c${index}`).join(', ')} FROM accounts`),
    ),
    server(
      columns(...RENAMED.map((_, index) => column(`c${index}`))),
      row(...RENAMED.map(({ text }) => text)),
      complete('SELECT 1'),
      ready(),
    ),
  ];
  return [...handshake, ...literals, ...parameters, ...cells];
}

const encoded = (secrets: readonly Secret[], pack: (bytes: Buffer) => Buffer) =>
  secrets.map((secret, index) =>
    pack(Buffer.from(JSON.stringify({ [nameOf(secret, index)]: secret.text }))).toString('base64'),
  );

/** All of it under one inbound exchange. */
export function plantedSegments(): readonly Segment[] {
  const headers = Object.fromEntries(
    HEADERS.map((secret, index) => [secret.by === 'name' ? `x-api-key-${index}` : `x-note-${index}`, secret.text]),
  );
  const form = new URLSearchParams(named(FORM)).toString();
  const packed = JSON.stringify({
    states: encoded(BASE64, (bytes) => bytes),
    blobs: encoded(GZIP, (bytes) => gzipSync(bytes)),
  });
  const compressed = { 'content-encoding': 'gzip' };
  return [
    ...exchange(1, 'inbound', { path: `/checkout?${new URLSearchParams(named(QUERY)).toString()}`, headers }),
    ...exchange(2, 'outbound', { path: `/of/${PATH.map(({ text }) => encodeURIComponent(text)).join('/')}` }),
    ...exchange(3, 'outbound', {
      path: '/json',
      type: 'application/json',
      headers: compressed,
      body: gzipSync(JSON.stringify(named(JSON_BODY))),
    }),
    ...exchange(4, 'outbound', { path: '/form', type: 'application/x-www-form-urlencoded', body: form }),
    ...exchange(5, 'outbound', { path: '/parts', type: 'multipart/form-data; boundary=b', body: multipart() }),
    ...exchange(6, 'outbound', { path: '/carts.Carts/Put', type: 'application/grpc', body: grpc() }),
    ...exchange(7, 'outbound', { path: '/packed', type: 'application/json', body: packed }),
    ...connectionSegments({ stream: 8, service: 'shop', owner: 1, sent: sql() }),
  ];
}
