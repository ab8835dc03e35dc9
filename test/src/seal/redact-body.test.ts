import { describe, expect, it } from 'vitest';
import { readBody } from '../../../src/seal/body.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { redactBody } from '../../../src/seal/redact-body.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { createTokens } from '../../../src/seal/tokens.ts';
import { cpuMs } from '../../support/spans.ts';

const key = redactionKey(newDataKey());
const redact = createRedactor(key);
const token = createTokens(key);
const LIMITS = { decompressedBytes: 1_000_000, textBytes: 1_000_000 };

function shown(bytes: string | Uint8Array, contentType: string): string {
  const body = readBody(Buffer.from(bytes), contentType, undefined, LIMITS);
  return body.kind === 'text' ? redactBody(body, redact) : body.why;
}

const FORM = 'multipart/form-data; boundary="-x"';
const part = (head: string, content: string) => `---x\r\n${head}\r\n\r\n${content}\r\n`;
const field = (name: string, content: string, more = '') =>
  part(`Content-Disposition: form-data; name="${name}"${more}`, content);

describe('a multipart', () => {
  it('is redacted part by part, and stays one', () => {
    const body = (pass: string, json: string, form: string, mail: string) =>
      field('user', 'grüße') +
      field('password', pass) +
      part('content-disposition: form-data; name=data\r\nContent-Type: application/json', `{"token":"${json}"}`) +
      part('Content-Type: application/x-www-form-urlencoded', `pin=${form}&q=1`) +
      field('note', `to ${mail}`, '; filename="a.txt"') +
      '---x--\r\n';
    expect(shown(body('hunter2', 't0ken', '1234', 'ann@example.org'), FORM)).toBe(
      body(token('hunter2'), token('t0ken'), token('1234'), token('ann@example.org')),
    );
  });

  it('shows no bytes that are no text, and what its headers hide', () => {
    const body = `${part('Content-Type: image/png\r\nAuthorization: Bearer s3cr3t', '\u0089PNG')}---x--`;
    expect(shown(Buffer.from(body, 'latin1'), FORM)).toBe(
      `${part(`Content-Type: image/png\r\nAuthorization: Bearer ${token('s3cr3t')}`, '(4 bytes, not shown)')}---x--`,
    );
  });

  it('is looked into where a part is base64 in lines, or a multipart itself', () => {
    const lines = Buffer.from(`${'x'.repeat(60)} password=hunter2`)
      .toString('base64')
      .replace(/.{40}/g, '$&\r\n');
    const coded = part('Content-Transfer-Encoding: base64', lines) + '---x--';
    expect(shown(coded, FORM)).not.toContain(lines.slice(0, 30));
    const inner = `--i\r\nContent-Disposition: form-data; name="secret"\r\n\r\nhunter2\r\n--i--`;
    expect(shown(`${part('Content-Type: multipart/mixed; boundary=i', inner)}---x--`, FORM)).toContain(
      token('hunter2'),
    );
  });

  it('is redacted as far as it goes when it was cut off', () => {
    expect(shown('---x\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunt', FORM)).toContain(token('hunt'));
    expect(shown('---x\r\nContent-Disposition: form-data; name="a"\r\n\r\nann@example.org', FORM)).toContain(
      token('ann@example.org'),
    );
    expect(shown('---x\r\npassword: hunter2', FORM)).not.toContain('hunter2');
  });

  it.each(['---x', '---x\r\n', '---x\r\na: b\r\n', '---x\r\n\r\n', '\r\n', '---x\r\na: b'])(
    'is linear in %j',
    (piece) => {
      const text = piece.repeat(Math.ceil(64_000 / piece.length));
      expect(cpuMs(() => shown(text, FORM))).toBeLessThan(2000);
    },
  );
});

it.each([
  ['text/xml', '<a><password>x</password><b>ann@example.org</b></a>', ['x', 'ann@example.org']],
  ['text/xml', '<?xml version="1.0"?><token><![CDATA[x]]></token>', ['x']],
  ['text/html', '<input name="csrf" value="v1">', ['v1']],
  ['text/event-stream', 'event: a\ndata: {"token":"x"}\n\ndata: ann@example.org\n', ['x', 'ann@example.org']],
  [
    'text/csv',
    'name,mail,iban\nann,ann@example.org,DE89 3704 0044 0532 0130 00\n',
    ['ann@example.org', 'DE89 3704 0044 0532 0130 00'],
  ],
])('%s: %s', (type, text, secrets) => {
  const expected = secrets.reduce(
    (rest, secret) =>
      rest
        .replace(`>${secret}<`, `>${token(secret)}<`)
        .replace(`[${secret}]`, `[${token(secret)}]`)
        .replace(`"${secret}"`, `"${token(secret)}"`)
        .replace(`,${secret}`, `,${token(secret)}`)
        .replace(` ${secret}`, ` ${token(secret)}`),
    text,
  );
  expect(shown(text, type)).toBe(expected);
});
