import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { curlCommand } from '../../../../../console/src/loop/copy/curl.ts';
import { exchangeView, messageView } from '../../../../support/console-views.ts';
import type { ExchangeView } from '../../../../../src/seal/view-schema.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let server: Server;
let authority = '';
let received: Received | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method, url, headers } = request;
      received = { method, url, headers, body: Buffer.concat(pieces).toString() };
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  authority = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

type Headers = readonly (readonly [string, string])[];

function recorded(more: Partial<ExchangeView>, headers: Headers, body = ''): ExchangeView {
  const own = [[':authority', authority], [':scheme', 'http'], ...headers].map(([name = '', value = '']) => ({
    name,
    value,
  }));
  const type = headers.find(([name]) => name === 'content-type')?.[1];
  return exchangeView('a.1', { ...more, request: messageView(body, type, { headers: own }) });
}

/** What arrives when the command is run by a shell, by the real curl. */
async function sent(exchange: ExchangeView): Promise<Received> {
  received = undefined;
  await promisify(execFile)('sh', ['-c', curlCommand(exchange).command]);
  if (received === undefined) throw new Error('Nothing was sent.');
  return received;
}

describe('a request copied as curl', () => {
  test('is the request again', async () => {
    const exchange = recorded(
      { method: 'POST', path: '/orders?dry=1&q=[a-z]{1,2}' },
      [
        ['content-type', 'application/json'],
        ['content-length', '999'],
        ['x-empty', ''],
        ['accept', '*/*'],
      ],
      '{"cartId":25}',
    );
    expect(await sent(exchange)).toMatchObject({
      method: 'POST',
      url: '/orders?dry=1&q=[a-z]%7B1,2%7D',
      headers: { 'content-type': 'application/json', 'content-length': '13', 'x-empty': '', accept: '*/*' },
      body: '{"cartId":25}',
    });
  });

  test('has no headers that curl would have made up', async () => {
    const { headers } = await sent(recorded({ method: 'PATCH' }, [], 'x'));
    expect(Object.keys(headers).toSorted()).toEqual(['content-length', 'host']);
  });

  test.each([
    "'; touch owned; '",
    '$(touch owned)',
    '`id`',
    '!!',
    '@/etc/passwd',
    'a\0b',
    '\u001b[201~\n',
    'a\nb\n',
    "%s\\n'",
    '-d',
  ])('a body %j arrives as it is', async (body) => {
    expect((await sent(recorded({ method: 'PUT' }, [], body))).body).toBe(body);
  });

  test.each(['\'"$(id)`id`\\', 'tab\there', 'x; y', '@/etc/passwd', '!!', '%00'])(
    'a header %j arrives as it is',
    async (value) => {
      expect((await sent(recorded({}, [['x-hostile', value]]))).headers['x-hostile']).toBe(value);
    },
  );

  test('UTF-8 in a header, recorded byte by byte, is UTF-8 again', async () => {
    const latin1 = Buffer.from('größe').toString('latin1');
    const { headers } = await sent(recorded({}, [['x-name', latin1]]));
    expect(headers['x-name']).toBe(latin1);
  });

  test('headers that would be two, or none, are left out, and it says so', async () => {
    const exchange = recorded({}, [
      ['x-split', 'a\r\nx-evil: 1'],
      ['x-nul', 'a\0b'],
      ['@/etc/passwd', 'x'],
      ['x-good', '1'],
    ]);
    const { headers } = await sent(exchange);
    expect(headers).toMatchObject({ 'x-good': '1' });
    expect(Object.keys(headers).toSorted()).toEqual(['host', 'x-good']);
    expect(curlCommand(exchange).notes).toEqual([
      '3 headers cannot be sent: no valid name, or a line end or NUL in the value.',
    ]);
  });

  test.each([
    ['/../../etc', '/../../etc'],
    ['/a b', '/a%20b'],
    ["/'$(id)'", "/'$(id)'"],
    ['/\u00e9漢', '/%E9%E6%BC%A2'],
    ['/#x?y', '/%23x?y'],
    ['/\u0000\n%41', '/%00%0A%41'],
    ['*', '/*'],
    ['//evil.example/', '//evil.example/'],
  ])('a path %j is asked for as %j', async (path, asked) => {
    expect((await sent(recorded({ path }, []))).url).toBe(asked);
  });

  test.each(['evil/@x', '-o/tmp/x', 'a b', '$(id)', 'user:pass@host', ''])('a host %j is not sent to', (host) => {
    const { command, notes } = curlCommand(
      exchangeView('a.1', { request: messageView('', undefined, { headers: [{ name: 'host', value: host }] }) }),
    );
    expect(command).toMatch(/ --url http:\/\/localhost\/orders\/7$/);
    expect(notes).toEqual(['The recorded host is no name one can send to; localhost stands for it.']);
  });

  test('says what stands for a secret, what of the trace is left out, and what the view does not have', () => {
    const exchange = recorded(
      { method: 'POST' },
      [
        ['authorization', 'Bearer REDACTED(jwt.7f3a9c01d2e4.512)'],
        ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
        ['content-encoding', 'gzip'],
      ],
      '{"mail":"x7f3a9c01d2e4@redacted.invalid"}',
    );
    expect(curlCommand(exchange).notes).toEqual([
      'Left out, so that this is a transaction of its own: traceparent.',
      'The body was compressed; it is sent plain.',
      '2 values are tokens that stand for a secret: put your own in, or expect to be refused.',
    ]);
    const omitted = { ...messageView(''), body: { kind: 'omitted', bytes: 9, why: 'binary' } } as const;
    expect(curlCommand(exchangeView('a.1', { request: omitted })).notes).toContain(
      'The body (9 bytes) is not in the readable view: binary. It is not sent.',
    );
  });
});
