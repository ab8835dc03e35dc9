import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor, type Redactor } from '../../../src/seal/redact.ts';
import { buildView } from '../../../src/seal/view.ts';
import { loopViewSchema, parseLoopView } from '../../../src/seal/view-schema.ts';
import {
  attributed,
  command,
  exchange,
  failed,
  loopId,
  message,
  stream,
  T0,
  transaction,
  vantage,
  verdict,
} from '../../support/transaction.ts';

const redact = createRedactor(redactionKey(newDataKey()));
const same = (text: string) => text;
/** The control: what a view holds with the protection off. */
const nothing: Redactor = {
  header: (one) => one,
  text: same,
  json: same,
  form: same,
  sql: same,
  parameter: (_, value) => value,
  key: (key) => key,
  stored: (_key, _field, value) => value,
  value: (_, value) => value,
};
const JSON_TYPE = { 'content-type': 'application/json' };

const cascade = transaction({
  exchanges: [
    exchange(1, {
      vantage: vantage('gateway'),
      request: message(
        { ':method': 'POST', ':path': '/checkout?token=abc', authorization: 'Bearer s3cr3t-token', ...JSON_TYPE },
        '{"cart":7,"card":"4111"}',
      ),
      response: message({ ':status': '502' }, 'bad gateway', { complete: false }),
      flags: ['UF'],
      details: 'via_upstream',
    }),
    exchange(2, {
      vantage: vantage('gateway', 'outbound'),
      peer: { name: 'pricing', port: 8080, address: '10.0.0.7:8080' },
    }),
  ],
  links: [{ parent: stream(1), child: stream(2), confidence: 'inferred' }],
  commands: [
    attributed(
      command(0, {
        summary: "UPDATE users SET password = 'p4ss'",
        error: { code: '23505', message: 'Key (token)=(abc) already exists' },
      }),
      stream(1),
    ),
    attributed(command(1, { summary: 'SELECT 1', rows: 1 }), stream(1), 'candidate'),
  ],
  holes: [{ where: stream(2), what: 'the answer of pricing was cut' }],
});

describe('the view of a cascade', () => {
  const view = buildView(loopId(1), cascade, verdict([failed(2), failed(1, 'victim')]), redact);

  it('has the tree, the failures, the commands and the holes', () => {
    expect(view).toMatchObject({
      version: 1,
      id: loopId(1),
      entry: stream(1),
      outcome: 'failed',
      exchanges: [
        {
          id: stream(1),
          method: 'POST',
          status: 502,
          flags: ['UF'],
          details: 'via_upstream',
          startedAt: T0,
          end: 'closed',
        },
        {
          id: stream(2),
          parent: { exchange: stream(1), confidence: 'inferred' },
          peer: { name: 'pricing', port: 8080, address: '10.0.0.7:8080' },
        },
      ],
      commands: [
        { exchange: stream(1), attribution: 'exclusive', error: { code: '23505' } },
        { attribution: 'candidate', summary: 'SELECT 1', rows: 1 },
      ],
      failures: [
        { exchange: stream(2), role: 'origin' },
        { exchange: stream(1), role: 'victim' },
      ],
      holes: [{ where: stream(2), what: 'the answer of pricing was cut' }],
    });
    expect(view.exchanges[0]).not.toHaveProperty('parent');
    expect(view.exchanges[0]?.response).toMatchObject({
      complete: false,
      body: { kind: 'text', text: 'bad gateway', truncated: false, bytes: 11 },
    });
  });

  it('is redacted in path, headers, bodies and statements', () => {
    expect(view.exchanges[0]?.path).toMatch(/^\/checkout\?token=REDACTED\(text\.[0-9a-f]{12}\.8\)$/);
    expect(view.exchanges[0]?.request?.headers).toContainEqual({
      name: 'authorization',
      value: expect.stringMatching(/^Bearer REDACTED\(/),
    });
    expect(view.exchanges[0]?.request?.body).toMatchObject({
      text: expect.stringMatching(/^\{"cart":7,"card":"REDACTED\(digits\.[0-9a-f]{12}\.8\)"\}$/),
    });
    expect(view.commands[0]?.summary).toMatch(/^UPDATE users SET password = 'REDACTED\(/);
    expect(view.commands[0]?.error?.message).toMatch(/^Key \(token\)=\(REDACTED\(.*\)\) already exists$/);
  });

  it('is what its own schema says, and survives being text', () => {
    expect(loopViewSchema.parse(view)).toEqual(view);
    expect(parseLoopView(JSON.stringify(view))).toEqual(view);
  });
});

describe('bodies', () => {
  const bodyOf = (
    type: string | undefined,
    body: string | Uint8Array,
    more: Record<string, string> = {},
    limits?: Parameters<typeof buildView>[4],
  ) => {
    const response = message(
      { ':status': '200', ...(type === undefined ? {} : { 'content-type': type }), ...more },
      body,
    );
    return buildView(loopId(1), transaction({ exchanges: [exchange(1, { response })] }), verdict(), redact, limits)
      .exchanges[0]?.response?.body;
  };

  it('that are empty or no text are only counted', () => {
    expect(bodyOf('text/plain', '')).toEqual({ kind: 'empty' });
    expect(bodyOf('image/png', Uint8Array.of(1, 2))).toEqual({
      kind: 'omitted',
      bytes: 2,
      contentType: 'image/png',
      why: 'binary',
    });
  });

  it('are decompressed, redacted, and measured as they were on the wire', () => {
    const packed = gzipSync('{"password":"hunter2"}');
    expect(bodyOf('application/json', packed, { 'content-encoding': 'gzip' })).toMatchObject({
      bytes: packed.length,
      text: expect.stringMatching(/^\{"password":"REDACTED/),
    });
    const events = 'event: a\ndata: {"credentials":{"user":"u"}}\n\ndata: [DONE]\n';
    expect(bodyOf('text/event-stream', events)).toMatchObject({
      text: expect.stringMatching(
        /^event: a\ndata: \{"credentials":\{"user":"REDACTED\(.*\)"\}\}\n\ndata: \[DONE\]\n$/,
      ),
    });
    expect(bodyOf('application/x-www-form-urlencoded', 'a=1&password=x')).toMatchObject({
      text: expect.stringMatching(/^a=1&password=REDACTED/),
    });
  });

  it('are cut at the limit, and left out when the view is full, failed exchanges served first', () => {
    const limits = { bodyBytes: 10, decompressedBytes: 100, textBytes: 15 };
    const text = (body: string) => message({ ':status': '200', 'content-type': 'text/plain' }, body);
    const exchanges = [1, 2, 3].map((number) => exchange(number, { response: text(`${number}`.repeat(20)) }));
    const view = buildView(loopId(1), transaction({ exchanges }), verdict([failed(3)]), redact, limits);
    expect(view.exchanges.map((one) => [one.id, one.response?.body])).toMatchObject([
      [stream(1), { kind: 'text', text: '11111', truncated: true }],
      [stream(2), { kind: 'omitted', bytes: 20, why: 'the view is full' }],
      [stream(3), { kind: 'text', text: '3333333333', truncated: true }],
    ]);
  });
});

describe('planted secrets', () => {
  const names = [
    'password',
    'passwd',
    'api_key',
    'X-Auth-Token',
    'clientSecret',
    'sessionId',
    'csrf',
    'card',
    'Signature',
    'private_key',
    'credentials',
  ];
  const secrets: string[] = [];
  const plant = () => {
    secrets.push(`canary${secrets.length.toString().padStart(4, '0')}zz`);
    return secrets.at(-1) ?? '';
  };
  const json = (name: string) =>
    JSON.stringify({ id: 1, [name]: plant(), deep: [{ [name]: { user: plant() } }], text: `Bearer ${plant()}` });
  const b64 = (text: string) => Buffer.from(text).toString('base64');
  const exchanges = names.map((name, index) =>
    exchange(index + 1, {
      request: message(
        {
          ':method': 'POST',
          ':path': `/a?${name}=${plant()}&x=1`,
          [name.toLowerCase()]: plant(),
          cookie: `a=${plant()}; b=${plant()}`,
          authorization: `Basic ${b64(plant())}`,
          referer: `https://h/?${name}=${plant()}`,
          'x-data': b64(json(name)),
          ...JSON_TYPE,
          'content-encoding': 'gzip',
        },
        gzipSync(json(name)),
        { trailers: [{ name: name.toLowerCase(), value: plant() }] },
      ),
      response: message(
        {
          ':status': '500',
          'set-cookie': `s=${plant()}; Path=/`,
          'content-type': 'text/html',
          'content-encoding': 'br',
        },
        brotliCompressSync(
          `<i>${name}=${plant()}</i><input name="${name}" value="${plant()}"><${name}>${plant()}</${name}>`,
        ),
      ),
    }),
  );
  const commands = names.map((name, index) =>
    attributed(
      command(index, {
        summary: `UPDATE t SET ${name.replaceAll('-', '_')} = '${plant()}'`,
        error: { code: 'x', message: `${name}=${plant()}` },
      }),
      stream(1),
    ),
  );
  const whole = transaction({ exchanges, commands });

  /** Of what a view shows, also inside base64. */
  const found = (redactor: Redactor) => {
    const text = JSON.stringify(buildView(loopId(1), whole, verdict([failed(1)]), redactor));
    const decoded = text.replace(
      /[A-Za-z0-9+/]{12,}={0,2}/g,
      (run) => `${run} ${Buffer.from(run, 'base64').toString('latin1')}`,
    );
    return secrets.filter((secret) => decoded.includes(secret));
  };

  it('are all found with redaction off, and none with it on', () => {
    expect(secrets.length).toBeGreaterThanOrEqual(200);
    expect(found(nothing)).toEqual(secrets);
    expect(found(redact)).toEqual([]);
  });
});

it.each(['', 'null', '[]', '{"version":2}', '{"version":1}', '{"__proto__":{"version":1}}', '['.repeat(200_000)])(
  '%# is no view',
  (text) => {
    expect(parseLoopView(text)).toBeUndefined();
  },
);
