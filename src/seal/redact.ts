/**
 * What may be shown of recorded text: values of secret names and values that look like secrets become tokens, the rest stays readable.
 * Always on; the text is hostile, so every step is linear in it and nesting (JSON in a form in base64) is followed three levels deep.
 */
import type { Header } from '../domain/exchange.ts';
import type { RedactionKey } from './keys.ts';
import { Redaction } from './redaction.ts';
import { NO_RULES, type RedactionRules } from './rules.ts';
import type { TokenOptions } from './tokens.ts';

export interface Redactor {
  header(header: Header): Header;
  /** Text of unknown grammar: a line of a log, a message, a path with query, JSON, XML. */
  text(text: string): string;
  json(text: string): string;
  /** `a=1&b=2`, a form body or a query without its question mark. */
  form(text: string): string;
  /** A statement of SQL. */
  sql(text: string): string;
  /** A value bound to a parameter of a statement: hidden where the statement speaks of something secret, as its literals are. */
  parameter(statement: string, value: string): string;
  /** A key of a store, `session:9f2c:cart`: what stands behind a part with a secret name, and what looks like a secret. */
  key(key: string): string;
  /** A value under such a key, or in one of its fields: hidden whole where a part of the key or the field has a secret name. */
  stored(key: string, field: string | undefined, value: string): string;
  /** A value with the name it goes by, if that is known (a column, a field of a form). */
  value(name: string | undefined, value: string): string;
}

export interface RedactorOptions {
  readonly rules?: RedactionRules;
  /** Default `plain`, for people. */
  readonly spelling?: TokenOptions['spelling'];
}

export function createRedactor(
  key: RedactionKey,
  { rules = NO_RULES, spelling = 'plain' }: RedactorOptions = {},
): Redactor {
  const redaction = new Redaction(key, rules, spelling);
  return {
    header: (header) => ({ name: header.name, value: redaction.header(header) }),
    text: (text) => redaction.text(redaction.begin(text), 0),
    json: (text) => redaction.json(redaction.begin(text), 0),
    form: (text) => redaction.form(redaction.begin(text), 0, 'form'),
    sql: (text) => redaction.sql(redaction.begin(text)),
    parameter: (statement, value) => redaction.parameter(statement, value),
    key: (key) => redaction.key(key),
    stored: (key, field, value) => redaction.stored(key, field, value),
    value: (name, value) => redaction.value(name, value),
  };
}
