import { glanced, groups } from './detector.ts';

// As a whole value at any length, inside other text from 8 characters on. A token of ours (tokens.ts) is not found again.
const SCHEMES =
  /^bearer[ \t]{1,4}(?!REDACTED\(|\w+=")(\S+)$|\b(?:bearer|basic)[ \t]{1,4}(?!REDACTED\()([A-Za-z0-9._~+/=-]{8,})/dgi;

/** What follows `Bearer` or `Basic` (RFC 6750, RFC 7617), wherever it is quoted. */
export const credentials = glanced(
  'credentials',
  (text) => /bearer|basic/i.test(text),
  (text) => groups(text, SCHEMES),
);
