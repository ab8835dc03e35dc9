import { describe, expect, it } from 'vitest';
import { SealError } from '../../../src/seal/errors.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { compileRules, REDACTION, type RedactionRules } from '../../../src/seal/rules.ts';
import { createTokens } from '../../../src/seal/tokens.ts';
import { cpuMs } from '../../support/spans.ts';

const key = redactionKey(newDataKey());
const token = createTokens(key);

function rules(written: Parameters<typeof REDACTION.parse>[0]): RedactionRules {
  const compiled = compileRules(REDACTION.parse(written));
  if (compiled instanceof SealError) throw compiled;
  return compiled;
}

describe('names', () => {
  const redact = createRedactor(key, { rules: rules({ names: ['tax_id', 'Kundennummer'] }) });

  it('hide values wherever names stand, however they are written', () => {
    expect(redact.json('{"taxId":"12","TAX-ID":"34"}')).toBe(`{"taxId":"${token('12')}","TAX-ID":"${token('34')}"}`);
    expect(redact.form('tax_id=12&kundennummer=7')).toBe(`tax_id=${token('12')}&kundennummer=${token('7')}`);
    expect(redact.header({ name: 'tax-id', value: '12' }).value).toBe(token('12'));
    expect(redact.sql("SELECT 1 FROM t WHERE tax_id = '12'")).toContain(token('12'));
    expect(redact.text('<taxId>12</taxId> kundennummer=7')).toBe(
      `<taxId>${token('12')}</taxId> kundennummer=${token('7')}`,
    );
  });

  it('are whole names: what only contains one is not meant', () => {
    expect(redact.json('{"taxIdType":"a"}')).toBe('{"taxIdType":"a"}');
  });
});

describe('patterns', () => {
  it('hide what they match, or their first group', () => {
    const redact = createRedactor(key, {
      rules: rules({
        patterns: [
          { name: 'employee', pattern: String.raw`\bEMP-\d{6}\b` },
          { name: 'desk', pattern: 'desk (\\w+)' },
        ],
      }),
    });
    expect(redact.text('by EMP-123456 at desk 7b, not EMP-12')).toBe(
      `by ${token('EMP-123456')} at desk ${token('7b')}, not EMP-12`,
    );
    expect(redact.json('{"by":"EMP-123456"}')).toBe(`{"by":"${token('EMP-123456')}"}`);
  });

  it('cost time linear in the text, whatever they are', () => {
    const redact = createRedactor(key, { rules: rules({ patterns: [{ name: 'bomb', pattern: '(?:(a+)+)+b' }] }) });
    expect(cpuMs(() => redact.text('a'.repeat(20_000)))).toBeLessThan(5000);
  });
});

describe('places left alone', () => {
  const redact = createRedactor(key, {
    rules: rules({
      leave: ['header:x-token-kind', 'cookie:theme', 'query:page_token', 'form:csrf', 'json:cart.*.token', 'json:card'],
    }),
  });

  it('show what only a name would hide', () => {
    expect(redact.header({ name: 'X-Token-Kind', value: 'access' }).value).toBe('access');
    expect(redact.header({ name: 'cookie', value: 'theme=dark; sid=1' }).value).toBe(`theme=dark; sid=${token('1')}`);
    expect(redact.text('/a?page_token=7&token=7')).toBe(`/a?page_token=7&token=${token('7')}`);
    expect(redact.form('csrf=7&page_token=7')).toBe(`csrf=7&page_token=${token('7')}`);
    expect(redact.json('{"cart":[{"item":{"token":"a"}}],"card":"gold","token":"b"}')).toBe(
      `{"cart":[{"item":{"token":"a"}}],"card":"gold","token":"${token('b')}"}`,
    );
  });

  it('still hide what looks like a secret', () => {
    expect(redact.json('{"card":"4111111111111111"}')).toBe(`{"card":"${token('4111111111111111')}"}`);
  });
});

describe('rules that cannot be used', () => {
  it.each([
    [{ names: ['--'] }, 'The name "--" has no letter or digit.'],
    [{ patterns: [{ name: 'a', pattern: '(' }] }, 'The pattern "a" is not valid: '],
    [{ patterns: [{ name: 'a', pattern: '(?=x)' }] }, 'The pattern "a" is not valid: '],
    [{ patterns: [{ name: 'a', pattern: 'x*' }] }, 'The pattern "a" matches the empty text'],
    [{ leave: ['body:x'] }, '"body:x" names no place.'],
    [{ leave: ['token'] }, '"token" names no place.'],
  ])('%j', (written, message) => {
    const refused = compileRules(REDACTION.parse(written));
    expect(refused).toMatchObject({ code: 'bad-rules', hint: expect.any(String) });
    expect(refused instanceof SealError && refused.message).toContain(message);
  });
});
