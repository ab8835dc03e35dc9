import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkedAuthority,
  checkedName,
  checkedToken,
  checkedUrl,
  contextNamed,
  NO_CONTEXTS,
  parseContexts,
  printContexts,
  withContext,
  withoutContext,
} from '../../cli/contexts.ts';
import { createAuthority } from '../../replay-sandbox/mocks/tls/authority.ts';

const FAR = { url: 'https://loop.example', token: 'abc' };
const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe('an address', () => {
  it.each([
    ['https://loop.example:5679', 'https://loop.example:5679'],
    ['https://LOOP.example/', 'https://loop.example'],
    ['https://ops.example/loop//', 'https://ops.example/loop'],
    ['http://localhost:5679', 'http://localhost:5679'],
    ['http://loop.localhost', 'http://loop.localhost'],
    ['http://127.0.0.1:5679/', 'http://127.0.0.1:5679'],
    ['http://127.1:80', 'http://127.0.0.1'],
    ['http://[::1]:5679', 'http://[::1]:5679'],
  ])('%s is %s', (text, expected) => {
    expect(checkedUrl(text, false)).toBe(expected);
  });

  it.each([
    'http://loop.example:5679',
    'http://10.0.0.9',
    'http://128.0.0.1',
    'http://127.0.0.1.example',
    'http://localhost.example',
    'http://[::2]',
  ])('%s would show the token to everybody on the way', (url) => {
    expect(() => checkedUrl(url, false)).toThrow(code('insecure'));
    expect(checkedUrl(url, true)).toBe(url);
  });

  it.each(['nonsense', '', 'ftp://loop.example', 'file:///etc/passwd', 'loop.example:5679', 'https://'])(
    '%j is none',
    (url) => {
      expect(() => checkedUrl(url, true)).toThrow(code('invalid'));
    },
  );

  it.each(['https://ann:pass@loop.example', 'https://loop.example/?token=abc', 'https://loop.example/#x'])(
    '%s has no place for more',
    (url) => {
      expect(() => checkedUrl(url, false)).toThrow(code('invalid'));
      expect(() => checkedUrl(url, false)).not.toThrow(/pass@|token=abc/);
    },
  );
});

describe('a token', () => {
  it('loses what surrounds it in a file', () => {
    expect(checkedToken('  abc-_~+/=\n')).toBe('abc-_~+/=');
  });

  it.each(['', ' \n', 'two words', 'a\nb', 'ü', 'x'.repeat(5000), 'a\u0000b', 'a\r\nx-evil: 1'])(
    '%j is none',
    (text) => {
      expect(() => checkedToken(text)).toThrow(code('invalid'));
    },
  );

  it('that is none is not repeated', () => {
    expect(() => checkedToken('s3cr3t with a space')).not.toThrow('s3cr3t');
  });
});

it.each(['prod', 'staging-eu', '10.0.0.1', 'a_b.c', 'constructor'])('%s is a name', (name) => {
  const contexts = withContext(NO_CONTEXTS, checkedName(name), FAR);
  expect(contextNamed(parseContexts(printContexts(contexts), 'x'), name)).toEqual(FAR);
});

it.each(['', '-x', '.', '..', '__proto__', 'a/b', 'a b', 'x'.repeat(64), 'ü'])('%j is no name', (name) => {
  expect(() => checkedName(name)).toThrow(code('invalid'));
});

it('nobody has a context that is not there, whatever objects are born with', () => {
  for (const name of ['prod', 'constructor', 'toString', '__proto__'])
    expect(() => contextNamed(NO_CONTEXTS, name)).toThrow(code('unknown'));
});

it('an authority is a certificate', async () => {
  const { certificate } = await createAuthority(Date.now());
  expect(checkedAuthority(certificate, 'ca.pem')).toBe(certificate);
  for (const text of ['', 'x', certificate.slice(0, 200)])
    expect(() => checkedAuthority(text, 'ca.pem')).toThrow('ca.pem holds no certificate.');
});

describe('the file', () => {
  const contexts = withContext({ ...NO_CONTEXTS, current: 'far' }, 'far', { ...FAR, ca: 'PEM', insecure: true });

  it('is what was written', () => {
    expect(parseContexts(printContexts(contexts), 'x')).toEqual(contexts);
    expect(parseContexts(printContexts(NO_CONTEXTS), 'x')).toEqual(NO_CONTEXTS);
  });

  it('forgets', () => {
    expect(withoutContext(contexts, 'far')).toEqual(NO_CONTEXTS);
    expect(withoutContext(contexts, 'other')).toEqual(contexts);
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"version":2,"contexts":{}}',
    '{"version":1}',
    '{"version":1,"contexts":{"a":{}}}',
    '{"version":1,"contexts":{"../x":{"url":"https://a"}}}',
    '{"version":1,"contexts":{"a":{"url":"https://a","token":"two words"}}}',
    '{"version":1,"contexts":{"a":{"url":"https://a","insecure":"yes"}}}',
  ])('%s is damaged', (text) => {
    expect(() => parseContexts(text, '/there')).toThrow(code('damaged'));
    expect(() => parseContexts(text, '/there')).toThrow('/there');
  });

  it('is read or damaged, never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseContexts(text, 'x');
        } catch (error) {
          if (!(error instanceof Error && 'code' in error && error.code === 'damaged')) throw error;
        }
      }),
    );
    expect(Object.prototype).not.toHaveProperty('url');
  });
});
