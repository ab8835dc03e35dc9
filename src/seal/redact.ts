/**
 * What may be shown of recorded text: values of secret names and values that look like secrets become tokens, the rest stays readable.
 * Always on; the text is hostile, so every step is linear in it and nesting (JSON in a form in base64) is followed three levels deep.
 */
import type { Header } from '../domain/exchange.ts';
import { DETECTORS, replaceFound, type Detector } from './detectors.ts';
import { redactJson } from './json.ts';
import type { RedactionKey } from './keys.ts';
import { isSecretName } from './names.ts';
import { redactMarkup, redactPairs } from './pairs.ts';
import { createTokens, type Tokenise } from './tokens.ts';

export interface Redactor {
  header(header: Header): Header;
  /** Text of unknown grammar: a line of a log, a message, a path with query, JSON, XML. */
  text(text: string): string;
  json(text: string): string;
  /** `a=1&b=2`, a form body or a query without its question mark. */
  form(text: string): string;
  /** A statement of SQL. */
  sql(text: string): string;
  /** A value with the name it goes by, if that is known (a column, a parameter). */
  value(name: string | undefined, value: string): string;
}

const MAX_NESTING = 3;

/** `'a''b'` or `$tag$…$tag$`, or what a cut left of one. */
const LITERAL = /'[^']*(?:''[^']*)*'?|(\$(?:[A-Za-z_]\w{0,63})?\$)([\s\S]*?)(?:\1|$)/g;

export function createRedactor(key: RedactionKey, detectors: readonly Detector[] = DETECTORS): Redactor {
  const tokenise = createTokens(key);
  const redaction = new Redaction(tokenise, detectors);
  return {
    header: (header) => ({ name: header.name, value: redaction.header(header) }),
    text: (text) => redaction.text(text, 0),
    json: (text) => redaction.json(text, 0),
    form: (text) => redaction.form(text, 0),
    sql: (text) => redaction.sql(text),
    value: (name, value) => (name !== undefined && isSecretName(name) ? tokenise(value) : redaction.text(value, 0)),
  };
}

class Redaction {
  readonly #tokenise: Tokenise;
  readonly #detectors: readonly Detector[];

  constructor(tokenise: Tokenise, detectors: readonly Detector[]) {
    this.#tokenise = tokenise;
    this.#detectors = detectors;
  }

  text(text: string, depth: number): string {
    if (depth < MAX_NESTING) {
      if (/^\s*[{[]/.test(text)) return this.json(text, depth + 1);
      if (this.#hidesSecret(text, depth)) return this.#tokenise(text);
      const query = /^[^\s?#]*\?/.exec(text)?.[0];
      if (query !== undefined && !/\s/.test(text)) return this.#url(text, query.length, depth);
    }
    return this.#plain(text);
  }

  json(text: string, depth: number): string {
    return redactJson(text, this.#tokenise, (value) => this.text(value, depth + 1));
  }

  form(text: string, depth: number): string {
    return text
      .split('&')
      .map((pair) => this.#pair(pair, depth))
      .join('&');
  }

  /** A statement that speaks of something secret keeps none of its literals: which literal belongs to which column takes a parser. */
  sql(statement: string): string {
    const names = statement.match(/[A-Za-z_][\w$]{0,127}/g) ?? [];
    if (!names.some(isSecretName)) return this.#plain(statement);
    const hide = (literal: string) => `'${this.#tokenise(literal)}'`;
    // Whether a backslash escapes a quote is a setting of the database: where it matters, the rest of the statement counts as literal.
    const doubtful = statement.includes("\\'") ? statement.indexOf("'") : statement.length;
    const hidden = statement.slice(0, doubtful).replace(LITERAL, (whole: string, tag?: string, dollar?: string) => {
      const literal = tag === undefined ? whole.replace(/^'|'$/g, '').replaceAll("''", "'") : (dollar ?? '');
      return literal === '' ? whole : hide(literal);
    });
    if (doubtful < statement.length) return this.#plain(hidden) + hide(statement.slice(doubtful));
    return this.#plain(hidden);
  }

  header({ name, value }: Header): string {
    const bare = name.toLowerCase();
    if (bare === 'cookie')
      return value
        .split(';')
        .map((pair) => this.#cookie(pair))
        .join(';');
    if (bare === 'set-cookie') {
      const end = value.indexOf(';');
      return end === -1 ? this.#cookie(value) : this.#cookie(value.slice(0, end)) + value.slice(end);
    }
    if (value === '' || value === 'true' || value === 'false') return value;
    if (bare.endsWith('authorization')) return this.#credentials(value);
    // Base64 of bytes nobody here can read: it may hold anything (grpc-status-details-bin).
    return isSecretName(bare) || bare.endsWith('-bin') ? this.#tokenise(value) : this.text(value, 0);
  }

  #plain(text: string): string {
    // Most values of JSON are a word or two, and nothing can hide in them.
    if (text.length < 16 && !/[=:\s]/.test(text)) return text;
    const marked = text.includes('<') ? redactMarkup(text, this.#tokenise) : text;
    return replaceFound(redactPairs(marked, this.#tokenise), this.#detectors, this.#tokenise);
  }

  /** `scheme credentials`: the scheme stays. */
  #credentials(value: string): string {
    const scheme = /^[A-Za-z][\w-]{0,31}[ \t]+/.exec(value)?.[0] ?? '';
    return scheme + this.#tokenise(value.slice(scheme.length));
  }

  #cookie(pair: string): string {
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1).trim();
    return value === '' ? pair : pair.slice(0, equals + 1) + this.#tokenise(value.replace(/^"(.*)"$/, '$1'));
  }

  #url(url: string, queryStart: number, depth: number): string {
    const hash = url.indexOf('#', queryStart);
    const queryEnd = hash === -1 ? url.length : hash;
    const fragment = hash === -1 ? '' : `#${this.form(url.slice(hash + 1), depth)}`;
    return this.#plain(url.slice(0, queryStart)) + this.form(url.slice(queryStart, queryEnd), depth) + fragment;
  }

  #pair(pair: string, depth: number): string {
    const equals = pair.indexOf('=');
    const raw = pair.slice(equals + 1);
    const value = formDecoded(raw);
    if (raw === '') return pair;
    if (equals !== -1 && isSecretName(formDecoded(pair.slice(0, equals))))
      return pair.slice(0, equals + 1) + this.#tokenise(value);
    const redacted = this.text(value, depth + 1);
    return redacted === value ? pair : pair.slice(0, equals + 1) + redacted;
  }

  /** Base64 of text that would be redacted if it stood in clear. */
  #hidesSecret(text: string, depth: number): boolean {
    if (text.length < 16 || !/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return false;
    const decoded = Buffer.from(text, 'base64').toString('utf8');
    return !/[^\P{Cc}\t\r\n]|\ufffd/u.test(decoded) && this.text(decoded, depth + 1) !== decoded;
  }
}

function formDecoded(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
