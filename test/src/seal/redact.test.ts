import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { createTokens } from '../../../src/seal/tokens.ts';

const key = redactionKey(newDataKey());
const redact = createRedactor(key);
const token = createTokens(key);
/** Tokens written short: `<value>` for the token of the value. */
const T = (strings: TemplateStringsArray, ...values: readonly string[]) =>
  strings.map((text, index) => text + (index < values.length ? token(values[index] ?? '') : '')).join('');
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl_-x';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('headers', () => {
  it.each([
    ['authorization', `Bearer ${JWT}`, T`Bearer ${JWT}`],
    ['authorization', 'Basic dTpw', T`Basic ${'dTpw'}`],
    ['authorization', 'opaque', T`${'opaque'}`],
    ['proxy-authorization', 'Digest username="u", response="r"', T`Digest ${'username="u", response="r"'}`],
    ['cookie', 'sid=abc; theme="dark"; empty=; odd', T`sid=${'abc'}; theme=${'dark'}; empty=;${' odd'}`],
    ['set-cookie', 'sid=abc; Path=/; HttpOnly', T`sid=${'abc'}; Path=/; HttpOnly`],
    ['x-api-key', 'k1', T`${'k1'}`],
    ['grpc-status-details-bin', 'CAUSBG9vcHM', T`${'CAUSBG9vcHM'}`],
    ['x-custom', `id ${JWT} end`, T`id ${JWT} end`],
    ['x-custom', 'Bearer x', T`Bearer ${'x'}`],
    ['x-custom', 'Bearer abcdefgh', T`Bearer ${'abcdefgh'}`],
    ['x-config', base64('{"password":"hunter2"}'), T`${base64('{"password":"hunter2"}')}`],
    [':path', '/a?x=1&access_token=a%20b&y=2', T`/a?x=1&access_token=${'a b'}&y=2`],
    ['referer', `https://u:p4ss@h/x?q=1#token=${JWT}`, T`https://u:${'p4ss'}@h/x?q=1#token=${JWT}`],
    ['grpc-message', 'login failed: password=hunter2', T`login failed: password=${'hunter2'}`],
  ])('%s: %s', (name, value, expected) => {
    expect(redact.header({ name, value })).toEqual({ name, value: expected });
  });

  it.each([
    [':path', '/carts/7?page=2&sort=name%20asc'],
    [':authority', 'shop:8080'],
    ['user-agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:1.0) Gecko/20100101'],
    ['accept', 'text/html, application/json;q=0.9'],
    ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['www-authenticate', 'Bearer realm="shop"'],
    ['access-control-allow-credentials', 'true'],
    ['if-none-match', 'W/"0815"'],
    ['date', 'Fri, 02 Jan 2026 03:04:05 GMT'],
  ])('%s stays readable', (name, value) => {
    expect(redact.header({ name, value }).value).toBe(value);
  });
});

describe('JSON', () => {
  it.each([
    ['{"password": "hunter2", "a": 1}', T`{"password": "${'hunter2'}", "a": 1}`],
    ['{"pin":1234,"ok":true,"token":null,"secret":""}', T`{"pin":"${'1234'}","ok":true,"token":null,"secret":""}`],
    [
      '{"credentials":{"user":"u","keys":["k",[2]]},"b":"u"}',
      T`{"credentials":{"user":"${'u'}","keys":["${'k'}",["${'2'}"]]},"b":"u"}`,
    ],
    [
      '[{"name":"password","value":"x"},{"name":"a","value":"x"}]',
      T`[{"name":"password","value":"${'x'}"},{"name":"a","value":"x"}]`,
    ],
    [`{"a":"${JWT}"}`, T`{"a":"${JWT}"}`],
    [`{"${JWT}":1}`, T`{"${JWT}":1}`],
    ['{"body":"{\\"token\\":\\"x\\"}"}', `{"body":${JSON.stringify(`{"token":"${token('x')}"}`)}}`],
    ['{"url":"https://h/?sig=a,b"}', T`{"url":"https://h/?sig=${'a,b'}"}`],
    [`{"data":"${base64('user=1&password=hunter2')}"}`, T`{"data":"${base64('user=1&password=hunter2')}"}`],
    ['{"pass\\u0077ord":"x"}', T`{"pass\\u0077ord":"${'x'}"}`],
    ['{"password":"cut of', T`{"password":"${'cut of'}"`],
    ['{"password":"a"}\n{"password":"b"}', T`{"password":"${'a'}"}\n{"password":"${'b'}"}`],
    ['{"password":"a","password":"b"}', T`{"password":"${'a'}","password":"${'b'}"}`],
    ["{password: hunter2, 'token': 'x'}", T`{password: "${'hunter2'}", 'token': "${'x'}"}`],
    ['{"__proto__":{"token":"x"},"constructor":"y"}', T`{"__proto__":{"token":"${'x'}"},"constructor":"y"}`],
  ])('%s', (text, expected) => {
    expect(redact.json(text)).toBe(expected);
  });

  it('without secrets stays byte for byte: numbers, spacing, repeats and all', () => {
    const text =
      '{ "big": 12345678901234567890, "f": 1.0e+5,\n\t"u": "gr\\u00fc\\u00dfe", "big": [[[{}]]], "t": "a=b: c" }';
    expect(redact.json(text)).toBe(text);
    fc.assert(
      fc.property(fc.json({ stringUnit: fc.constantFrom('a', ' ', 'ü', '"', '\\', '/') }), (json) => {
        expect(redact.json(json)).toBe(json);
      }),
    );
  });

  it('keeps no secret at any depth, and stays JSON', () => {
    const secret = 'canary0815';
    const leaf = fc.constantFrom<unknown>(
      secret,
      [secret],
      { a: secret },
      `Bearer ${secret}`,
      JSON.stringify({ token: secret }),
      `x?token=${secret}`,
    );
    const nested = fc.array(fc.constantFrom('array', 'object'), { maxLength: 50 });
    fc.assert(
      fc.property(leaf, nested, fc.constantFrom('password', 'apiKey', 'X-Auth'), (value, path, name) => {
        const inner: unknown = { [name]: value };
        const text = JSON.stringify(path.reduce((rest, kind) => (kind === 'array' ? [1, rest] : { a: rest }), inner));
        expect(text).toContain(secret);
        const redacted = redact.json(text);
        expect(redacted).not.toContain(secret);
        expect(JSON.parse(redacted)).toBeTypeOf('object');
      }),
    );
  });
});

describe('forms', () => {
  it.each([
    ['user=u&password=a+b%2Cc&x', T`user=u&password=${'a b,c'}&x`],
    ['user%5Bpassword%5D=x', T`user%5Bpassword%5D=${'x'}`],
    ['p%61ssword=x&q=1', T`p%61ssword=${'x'}&q=1`],
    ['json=%7B%22token%22%3A%22x%22%7D', T`json={"token":"${'x'}"}`],
    ['q=%E4%ZZ&token=%ZZ', T`q=%E4%ZZ&token=${'%ZZ'}`],
  ])('%s', (text, expected) => {
    expect(redact.form(text)).toBe(expected);
  });
});

describe('other text', () => {
  it.each([
    [
      "password=\"abc def\" then token: xyz, and pwd='a\\'b' x",
      T`password="${'abc def'}" then token: ${'xyz'}, and pwd='${"a\\'b"}' x`,
    ],
    ['Key (token)=(abc) already exists', T`Key (token)=(${'abc'}) already exists`],
    ['Cookie: a=b; c=d\nHost: x', T`Cookie: ${'a=b; c=d'}\nHost: x`],
    ['sent \\"password\\":\\"x\\" on', T`sent \\"password\\":\\"${'x'}\\" on`],
    ['postgres://app:s3cret@db:5432/shop', T`postgres://app:${'s3cret'}@db:5432/shop`],
    ['<a><Password x="1">hunter2</Password><b>2</b></a>', T`<a><Password x="1">${'hunter2'}</Password><b>2</b></a>`],
    ['<input type=hidden name="csrf" value="v1">', T`<input type=hidden name="csrf" value="${'v1'}">`],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
      T`${'-----BEGIN RSA PRIVATE KEY-----\nMIIE\n'}-----END RSA PRIVATE KEY-----`,
    ],
  ])('%s', (text, expected) => {
    expect(redact.text(text)).toBe(expected);
  });
});

describe('SQL', () => {
  it.each([
    [
      "UPDATE users SET password = 'it''s' WHERE name = 'bob'",
      T`UPDATE users SET password = '${"it's"}' WHERE name = '${'bob'}'`,
    ],
    [
      "INSERT INTO t (name, api_key) VALUES ('a', $tag$b$tag$)",
      T`INSERT INTO t (name, api_key) VALUES ('${'a'}', '${'b'}')`,
    ],
    ["ALTER ROLE app PASSWORD 'x'", T`ALTER ROLE app PASSWORD '${'x'}'`],
    ["SELECT * FROM sessions WHERE id = 'cut", T`SELECT * FROM sessions WHERE id = '${'cut'}'`],
    [String.raw`SET password = 'a\', b = 'c'`, T`SET password = '${String.raw`'a\', b = 'c'`}'`],
    [`SELECT '${JWT}'`, T`SELECT '${JWT}'`],
    ["SELECT * FROM carts WHERE id = $1 AND state = 'open'", "SELECT * FROM carts WHERE id = $1 AND state = 'open'"],
  ])('%s', (text, expected) => {
    expect(redact.sql(text)).toBe(expected);
  });

  it('parameters go by their name, or by their looks when it is not known', () => {
    expect(redact.value('password', 'x')).toBe(token('x'));
    expect(redact.value('city', 'Bonn')).toBe('Bonn');
    expect(redact.value(undefined, 'hunter2')).toBe('hunter2');
    expect(redact.value(undefined, JWT)).toBe(token(JWT));
  });
});

it('gives one value one token wherever it stands', () => {
  const places = [
    redact.header({ name: 'authorization', value: 'Bearer s3cr3t-value' }).value,
    redact.header({ name: 'cookie', value: 'sid=s3cr3t-value' }).value,
    redact.header({ name: ':path', value: '/?token=s3cr3t-value' }).value,
    redact.json('{"token":"s3cr3t-value"}'),
    redact.form('token=s3cr3t%2Dvalue'),
    redact.sql("SELECT password = 's3cr3t-value'"),
  ];
  for (const place of places) expect(place).toContain(token('s3cr3t-value'));
});

it('changes nothing when it is done again', () => {
  const once = redact.json(`{"password":"x","a":"token=y","b":"Bearer ${JWT}"}`);
  expect(redact.json(once)).toBe(once);
  const path = redact.text('/a?token=x&b=https%3A%2F%2Fh%2F%3Fsig%3D1');
  expect(redact.text(path)).toBe(path);
});

it('takes hostile text in time linear in its length', () => {
  const pieces = [
    'eyJ',
    '"',
    'a="',
    'password="\\',
    '{"password":',
    '://',
    "'\\",
    '<a ',
    'Bearer ',
    'a',
    'a%',
    'password:',
    '?',
    '&',
    '[[',
    ' ',
    '\\\\',
    '$a$',
    'x=',
    '-----BEGIN PRIVATE KEY-----',
  ];
  const cpuMs = (text: string) => {
    const before = process.cpuUsage();
    for (const act of ['text', 'json', 'form', 'sql'] as const) redact[act](text);
    const { user } = process.cpuUsage(before);
    return user / 1000;
  };
  // Quadratic steps take many seconds here; linear ones well under one.
  const slow = pieces.filter((piece) => cpuMs(piece.repeat(Math.ceil(64_000 / piece.length))) > 2000);
  expect(slow).toEqual([]);
});
