/** What a whole value looks like, and the one spelling of it that its token is made of. */
import { cardDigits } from './detectors/card.ts';
import { isEmail } from './detectors/email.ts';
import { ibanOf } from './detectors/iban.ts';
import { isPhone } from './detectors/phone.ts';
import { percentDecoded } from './percent.ts';

export type Kind = 'card' | 'digits' | 'email' | 'hex' | 'iban' | 'jwt' | 'phone' | 'text' | 'uuid';

export interface Looks {
  readonly kind: Kind;
  /** The same secret is percent-encoded in a query, grouped on a form, plain in JSON: one token for all. */
  readonly normal: string;
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

export function looksOf(value: string): Looks {
  const plain = percentDecoded(value.trim());
  if (/^eyJ[\w-]*\.[\w.-]*$/.test(plain)) return { kind: 'jwt', normal: plain };
  if (UUID.test(plain)) return { kind: 'uuid', normal: plain.toLowerCase() };
  const card = cardDigits(plain);
  if (card !== undefined) return { kind: 'card', normal: card };
  if (/^[0-9]+$/.test(plain)) return { kind: 'digits', normal: plain };
  if (/^[0-9a-f]{16,}$/i.test(plain)) return { kind: 'hex', normal: plain };
  return people(plain) ?? { kind: 'text', normal: plain };
}

/** What names a person or an account. */
function people(plain: string): Looks | undefined {
  // Longer than any of them: not worth a look.
  if (plain.length > 320) return undefined;
  if (isEmail(plain)) return { kind: 'email', normal: plain.toLowerCase() };
  if (isPhone(plain)) return { kind: 'phone', normal: plain.replace(/[^+\d]/g, '') };
  const account = ibanOf(plain);
  return account === undefined ? undefined : { kind: 'iban', normal: account };
}
