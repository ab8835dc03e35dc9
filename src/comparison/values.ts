/** Whether two texts in one place differ, and in what way. */
import { compareValues, type TimeWindow } from '../domain/noise.ts';
import { isMadeAnew } from '../domain/made-anew.ts';
import type { Difference } from '../api/contract/results.ts';

/** Tokens of redaction (src/seal/tokens.ts): another one for the same value in every loop, so only the kind and about the length compare. */
const TOKEN = /REDACTED\(([a-z]+)\.[0-9a-f]{12}\.(\d+)\)/g;
const EMAIL_TOKEN = /x[0-9a-f]{12}@redacted\.invalid/g;

/** Undefined: they are the same. */
export function kindOfChange(
  path: string,
  left: string,
  right: string,
  window: TimeWindow,
): Extract<Difference['kind'], 'value' | 'noise' | 'hidden'> | undefined {
  if (left === right) return undefined;
  const [one, other] = [withoutTokens(left), withoutTokens(right)];
  if (one === other) return 'hidden';
  if (isMadeAnew(path, left, right)) return 'noise';
  return compareValues(one, other, window) === 'noise' ? 'noise' : 'value';
}

/** Tokens become their kind. */
export function withoutTokens(text: string): string {
  return text.includes('REDACTED(') || text.includes('@redacted.invalid')
    ? text.replace(TOKEN, 'REDACTED($1.$2)').replace(EMAIL_TOKEN, 'REDACTED(email)')
    : text;
}
