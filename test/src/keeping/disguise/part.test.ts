import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { assemble } from '../../../../src/assembly/transaction.ts';
import { bodyOf, header } from '../../../../src/domain/exchange.ts';
import type { Segment } from '../../../../src/domain/segment.ts';
import { createDisguise, disguiseOf } from '../../../../src/keeping/disguise/disguise.ts';
import { disguisePart } from '../../../../src/keeping/disguise/part.ts';
import { newDataKey, redactionKey } from '../../../../src/seal/keys.ts';
import { createTokens } from '../../../../src/seal/tokens.ts';
import { decodeBackend } from '../../../../src/wire/postgres/backend.ts';
import { decodeFrontend } from '../../../../src/wire/postgres/frontend.ts';
import { messageFrame } from '../../../../src/wire/postgres/framing.ts';
import { encodeHeaders } from '../../../../src/wire/extproc/headers.ts';
import { decodePart, encodePart, type PartContent } from '../../../../src/wire/segments/part.ts';
import { encodeEnd, encodeSegments } from '../../../../src/wire/segments/record.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from '../../../support/extproc.ts';
import { connectionSegments } from '../../../support/postgres-segments.ts';
import {
  bind,
  bindComplete,
  client,
  column,
  columns,
  complete,
  describe as describeMessage,
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
} from '../../../support/postgres-wire.ts';
import { RECORDER, T0, transactionKey } from '../../../support/transaction.ts';

const key = redactionKey(newDataKey());
const disguise = createDisguise(key);
const token = createTokens(key, { spelling: 'shaped', claims: (json) => json });

function part(segments: readonly Segment[]): PartContent {
  return { recorder: RECORDER, overwritten: 0, records: encodeSegments(segments) };
}

function disguised(segments: readonly Segment[], former: readonly PartContent[] = []): PartContent {
  return disguisePart(part(segments), former, disguise);
}

function stream(messages: readonly Uint8Array[], from = 0): readonly Segment[] {
  const metadata = { service: 'shop', instance: 'shop-1', direction: 'inbound', protocol: 'http' };
  const opened = encodeHeaders(Object.entries(metadata).map(([name, value]) => ({ name: `x-loop-${name}`, value })));
  const pieces = [
    { kind: 'opened' as const, payload: opened },
    ...messages.map((payload) => ({ kind: 'message' as const, payload })),
    { kind: 'ended' as const, payload: encodeEnd('closed') },
  ];
  return pieces
    .map((piece, sequence) => ({
      ...piece,
      stream: 1,
      sequence,
      at: T0 + sequence,
      flags: 0,
      openInbound: 1,
      owner: 1,
    }))
    .slice(from);
}

function exchangeOf(...parts: readonly PartContent[]) {
  const [exchange] = assemble(transactionKey(), parts).exchanges;
  if (exchange?.request === undefined || exchange.response === undefined) throw new Error('no whole exchange');
  return { exchange, request: exchange.request, response: exchange.response };
}

const BODY = JSON.stringify({ name: 'Ann', password: 'hunter2', card: 4111111111111111, mail: 'ann@example.org' });
const HIDDEN = `{"name":"Ann","password":"${token('hunter2')}","card":${token('4111111111111111')},"mail":"${token('ann@example.org')}"}`;

describe('an exchange', () => {
  const half = BODY.indexOf('ter2');
  const messages = [
    requestHeaders(
      {
        ':method': 'POST',
        ':path': '/login?token=t0ken&q=1',
        'content-type': 'application/json',
        'content-length': String(BODY.length),
        'content-md5': 'aGFzaA==',
        'x-api-key': 'k3y',
      },
      { attributes: { 'request.path': '/login?token=t0ken&q=1', 'response.flags': 4 } },
    ),
    requestBody(BODY.slice(0, half)),
    requestBody(BODY.slice(half), { endOfStream: true }),
    responseHeaders({ ':status': '500', 'content-type': 'application/json', 'content-encoding': 'gzip' }),
    responseBody(gzipSync('{"token":"t0ken"}'), { endOfStream: true }),
  ];
  const whole = disguised(stream(messages));

  it('keeps its form, and has tokens where somebody’s data was, also across pieces', () => {
    const { exchange, request, response } = exchangeOf(whole);
    expect(Buffer.from(bodyOf(request)).toString()).toBe(HIDDEN);
    expect(request).toMatchObject({ complete: true, startedAt: T0 + 1, endedAt: T0 + 3 });
    expect(header(request.headers, 'content-length')).toBe(String(HIDDEN.length));
    expect(header(request.headers, 'content-md5')).toBeUndefined();
    expect(header(request.headers, 'x-api-key')).toBe(token('k3y'));
    expect(header(request.headers, ':path')).toBe(`/login?token=${token('t0ken')}&q=1`);
    expect(gunzipSync(bodyOf(response)).toString()).toBe(`{"token":"${token('t0ken')}"}`);
    expect(exchange.attributes).toEqual({
      'request.path': `/login?token=${token('t0ken')}&q=1`,
      'response.flags': '4',
    });
    expect(exchange.flags).toEqual(exchangeOf(part(stream(messages))).exchange.flags);
  });

  it('is its own disguise', () => {
    expect(disguisePart(whole, [], disguise)).toEqual(whole);
  });

  it('carries the key of its tokens, and nothing else tells it from any other', () => {
    const back = decodePart(encodePart(whole));
    expect(back && disguiseOf([back])?.key).toEqual({ kind: 'redaction-key', bytes: Buffer.from(key.bytes) });
    expect(back?.records).toEqual(whole.records);
    expect(decodePart(encodePart(part(stream(messages))))).not.toHaveProperty('disguised');
  });

  it('whose body goes on in a later part is opaque from there on', () => {
    const first = disguised(stream(messages).slice(0, 3));
    const later = disguised(stream(messages), [first]);
    const text = Buffer.from(bodyOf(exchangeOf(first, later).request)).toString('latin1');
    expect(text.startsWith('{"name":"Ann","password":"')).toBe(true);
    expect(text).not.toContain('ter2');
  });

  it('keeps neither bytes that are no text, nor what they were', () => {
    const bytes = Buffer.from([0xff, 0, 1, ...Buffer.from('hunter2 in a picture')]);
    const of = (body: Uint8Array) =>
      bodyOf(
        exchangeOf(
          disguised(
            stream([
              requestHeaders({ ':method': 'POST', 'content-type': 'image/png' }),
              requestBody(body, { endOfStream: true }),
              responseHeaders({ ':status': '200' }, { endOfStream: true }),
            ]),
          ),
        ).request,
      );
    const hidden = of(bytes);
    expect([hidden.length, Buffer.from(hidden).includes('hunter2')]).toEqual([bytes.length, false]);
    expect(of(bytes)).toEqual(hidden);
    expect(of(hidden)).toEqual(hidden);
  });
});

/** The exchange that the commands are for. */
const SERVED = stream([
  requestHeaders({ ':method': 'GET' }, { endOfStream: true }),
  responseHeaders({ ':status': '500' }, { endOfStream: true }),
]);

const SQL = 'SELECT id, email, password FROM users WHERE email = $1';
const SENT = [
  ...handshake,
  client({ kind: 'password', data: Buffer.from('hunter2\0') }),
  client(query("INSERT INTO logins (mail, secret) VALUES ('ann@example.org', 'hunter2')")),
  server(complete('INSERT 0 1'), ready()),
  client(parse(SQL), bind(['ann@example.org']), describeMessage('portal'), execute(), sync),
  server(
    parseComplete,
    bindComplete,
    columns(column('id', 23), column('email'), column('password')),
    row('7', 'ann@example.org', 'hunter2'),
    complete('SELECT 1'),
    ready(),
  ),
  client(query("UPDATE users SET email = 'ann@example.org'")),
  server(error('23505', 'duplicate key', ['D', 'Key (email)=(ann@example.org) already exists.']), ready()),
  client(query('LISTEN "ann@example.org"')),
  server(complete('LISTEN'), ready()),
  server({ kind: 'notification', process: 1, channel: 'ann@example.org', payload: '{"password":"hunter2"}' }),
];

describe('a connection to Postgres', () => {
  it.each([[Infinity], [7], [1]])('says the same with tokens in it, in pieces of %s bytes', (pieceBytes) => {
    const segments = [
      ...SERVED,
      ...connectionSegments({ stream: 2, service: 'shop', owner: 1, sent: SENT, pieceBytes }),
    ];
    const hidden = disguised(segments);
    expect(Buffer.from(hidden.records).toString('latin1')).not.toMatch(/hunter2|ann@example|cancel-key/);
    const before = assemble(transactionKey(), [part(segments)]).commands.map(({ command }) => command);
    const after = assemble(transactionKey(), [hidden]).commands.map(({ command }) => command);
    expect(after.map(({ rows, error: failed, startedAt }) => [rows, failed?.code, startedAt])).toEqual(
      before.map(({ rows, error: failed, startedAt }) => [rows, failed?.code, startedAt]),
    );
    const [inserted, selected, updated, listened] = after;
    expect(inserted?.summary).toBe(
      `INSERT INTO logins (mail, secret) VALUES ('${token('ann@example.org')}', '${token('hunter2')}')`,
    );
    expect(selected).toMatchObject({ summary: SQL, parameters: [token('ann@example.org')] });
    const rows = selected?.response
      .map((bytes) => decodeBackend(messageFrame(bytes)))
      .find((message) => message?.kind === 'data-row');
    expect(rows).toEqual({
      kind: 'data-row',
      values: ['7', token('ann@example.org'), token('hunter2')].map((text) => Buffer.from(text)),
    });
    expect(updated?.summary).toBe(`UPDATE users SET email = '${token('ann@example.org')}'`);
    expect(Buffer.concat(updated?.response ?? []).toString()).toContain(
      `Key (email)=(${token('ann@example.org')}) already`,
    );
    expect(listened?.summary).toBe(`LISTEN "${token('ann@example.org')}"`);
    expect(listened?.pushed?.map(({ bytes }) => decodeBackend(messageFrame(bytes)))).toMatchObject([
      { channel: token('ann@example.org'), payload: JSON.stringify({ password: token('hunter2') }) },
    ]);
  });

  const RENAMING = 'SELECT lower(password) AS c FROM users';
  const cell = [row('plain-word'), complete('SELECT 1')];
  it.each([
    ['asked simply', [client(query(RENAMING)), server(columns(column('c')), ...cell, ready())]],
    [
      'prepared and described before',
      [
        client(parse(RENAMING, 's'), describeMessage('statement', 's'), sync),
        server(parseComplete, { kind: 'parameter-description', types: [] }, columns(column('c')), ready()),
        client(bind([], 's'), execute(), bind([], 's'), execute(), sync),
        server(bindComplete, ...cell, bindComplete, ...cell, ready()),
      ],
    ],
    [
      'and not described, by its own name',
      [
        client(parse('SELECT password FROM users'), bind([]), execute(), sync),
        server(parseComplete, bindComplete, ...cell, ready()),
      ],
    ],
  ])('hides what comes out under another name, %s', (_, sent) => {
    const segments = connectionSegments({ stream: 2, service: 'shop', owner: 1, sent: [...handshake, ...sent] });
    const hidden = disguised([...SERVED, ...segments]);
    expect(Buffer.from(part(segments).records).includes('plain-word')).toBe(true);
    expect(Buffer.from(hidden.records).includes('plain-word')).toBe(false);
    expect(Buffer.from(hidden.records).includes(token('plain-word'))).toBe(true);
    expect(disguisePart(hidden, [], disguise)).toEqual(hidden);
  });

  it('shows what a statement gives out that speaks of a secret elsewhere', () => {
    const sent = [
      ...handshake,
      client(query('SELECT name AS c FROM users WHERE password IS NULL')),
      server(columns(column('c')), ...cell, ready()),
    ];
    const hidden = disguised([...SERVED, ...connectionSegments({ stream: 2, service: 'shop', owner: 1, sent })]);
    expect(Buffer.from(hidden.records).includes('plain-word')).toBe(true);
  });

  it('keeps numbers in binary, and hides text in it', () => {
    const values = [
      Buffer.from([0, 0, 0, 7]),
      Buffer.from('ann@example.org'),
      Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'),
    ];
    const sent = [
      ...handshake,
      client(
        parse('SELECT * FROM sessions WHERE a = $1 AND b = $2 AND c = $3', '', [23, 25, 2950]),
        { kind: 'bind', portal: '', statement: '', formats: [1], values, resultFormats: [] },
        execute(),
        sync,
      ),
      server(parseComplete, bindComplete, complete('SELECT 0'), ready()),
    ];
    const [asked] = assemble(transactionKey(), [
      disguised([...SERVED, ...connectionSegments({ stream: 2, service: 'shop', owner: 1, sent })]),
    ]).commands;
    const bound = asked?.command.request
      .map((bytes) => decodeFrontend(messageFrame(bytes)))
      .find((message) => message?.kind === 'bind');
    expect(bound?.kind === 'bind' && bound.values[1]?.toString()).toBe(token('ann@example.org'));
    expect(bound?.kind === 'bind' && bound.values[2]?.length).toBe(16);
    expect(asked?.command.parameters?.[2]).toBe(token('6ba7b810-9dad-11d1-80b4-00c04fd430c8'));
  });
});

it('keeps of a protocol that nobody reads only that it was spoken', () => {
  const sent = [client(query('AUTH hunter2'))];
  const hidden = disguised(connectionSegments({ stream: 2, service: 'shop', owner: 1, sent, protocol: 'redis' }));
  expect(Buffer.from(hidden.records).includes('hunter2')).toBe(false);
  expect(assemble(transactionKey(), [hidden]).conversations).toMatchObject([{ protocol: 'redis', bytes: [] }]);
});
