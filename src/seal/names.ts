import { bareName, type Place, type RedactionRules } from './rules.ts';

/**
 * Names whose values are secret: the union of Sentry's, Elastic's and OpenTelemetry's default lists. Names are compared without case,
 * `-`, `_` and other punctuation. A name is secret when it contains one of PIECES anywhere, or has one of WORDS as a whole word
 * (`x-auth`, `userAuth` and `card_number`, but not `:authority`, `author` or `discard`).
 */
const PIECES = [
  'accesskey',
  'accountkey',
  'apikey',
  'authorization',
  'bearer',
  'cardnumber',
  'cookie',
  'connectionstring',
  'credential',
  'creditcard',
  'csrf',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'secret',
  'session',
  'signature',
  'token',
  'xsrf',
];
const WORDS = new Set([
  'auth',
  'card',
  'cards',
  'credit',
  'cvc',
  'cvv',
  'jwt',
  'otp',
  'pass',
  'pin',
  'principal',
  'pwd',
  'sid',
  'sig',
]);

const PIECE = new RegExp(PIECES.join('|'));

export function isSecretName(name: string): boolean {
  if (PIECE.test(name.toLowerCase().replace(/[^a-z0-9]+/g, ''))) return true;
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => WORDS.has(word));
}

/** Where a name stands, for the places that are left alone: its path there, outermost first. */
export interface Standing {
  readonly place: Place;
  readonly path: () => readonly string[];
}

export type NameTest = (name: string, standing?: Standing) => boolean;

const MOST_NAMES = 2000;

/** The built-in names and those of the rules, but for the places the rules leave alone. */
export function createNameTest(rules: RedactionRules): NameTest {
  const known = new Map<string, boolean>();
  const secret = (name: string): boolean => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = isSecretName(name) || (rules.names.size > 0 && rules.names.has(bareName(name)));
    // The names of one loop repeat; what does not is hostile, or keys that are data.
    if (known.size < MOST_NAMES) known.set(name, found);
    return found;
  };
  return (name, standing) => secret(name) && !(standing !== undefined && rules.leaves(standing.place, standing.path()));
}
