/** One loop's redaction, grammar by grammar. Every method takes text in which whole-text detectors have looked already (`whole`). */
import type { Header } from '../domain/exchange.ts';
import { replaceFound, type Detector } from './detectors/detector.ts';
import { DETECTORS, WHOLE_TEXT_DETECTORS } from './detectors/table.ts';
import { redactJson } from './json.ts';
import type { RedactionKey } from './keys.ts';
import { createNameTest, type NameTest } from './names.ts';
import { hiddenText } from './nested.ts';
import { redactMarkup, redactPairs } from './pairs.ts';
import { percentDecoded } from './percent.ts';
import type { Place, RedactionRules } from './rules.ts';
import { hideLiterals, redactLiterals, speaksOfSecrets } from './sql.ts';
import { redactTarget } from './target.ts';
import { createTokens, type TokenOptions, type Tokenise } from './tokens.ts';

/** Texts in texts: three times encoded, with JSON between. */
const MAX_NESTING = 6;
/** What is unpacked out of one text may be so much, and so many times the text: a bomb is hidden, not opened. */
const UNPACKED_BYTES = 64 * 1024;
const UNPACKED_RATIO = 4;

/** Claims a service decides by, whose names or looks say secret (RFC 7519, RFC 9068, Cognito's token_use). They identify nobody. */
const SHOWN_CLAIMS: ReadonlySet<string> = new Set(['auth_time', 'token_use', 'token_type', 'x5t', 'x5t#S256', 'kid']);

/** Base64 in other text; shorter pieces hold no secret worth the name. */
const ENCODED = /[A-Za-z0-9+/_-]{24,}={0,2}/g;

/** After a segment with a secret name: long, and no word (`/tokens/9f2c…`, but `/tokens/refresh`). */
const OPAQUE = /^(?=.*\d)(?=.*[A-Za-z])[\w.~+=-]{16,}$/;

/** Between the parts of a key, kept by `split`. */
const KEY_SEPARATOR = /([:/|{}]+)/;

export class Redaction {
  readonly #tokenise: Tokenise;
  readonly #isSecret: NameTest;
  readonly #detectors: readonly Detector[];
  readonly #rules: RedactionRules;
  /** Bytes that may still be unpacked out of the text at hand. */
  #unpackable = 0;

  constructor(key: RedactionKey, rules: RedactionRules, spelling: TokenOptions['spelling']) {
    this.#tokenise = createTokens(key, { spelling, claims: (json) => this.#claims(json) });
    this.#rules = rules;
    this.#isSecret = createNameTest(rules);
    this.#detectors = [...DETECTORS, ...rules.patterns];
  }

  /** Before each text that comes from outside. */
  begin(text: string): string {
    this.#unpackable = UNPACKED_BYTES + UNPACKED_RATIO * text.length;
    return this.whole(text);
  }

  /** Once for each text, before it is taken apart, and for each text that was decoded out of it. */
  whole(text: string): string {
    return replaceFound(text, WHOLE_TEXT_DETECTORS, this.#tokenise);
  }

  text(text: string, depth: number): string {
    if (depth < MAX_NESTING) {
      if (/^\s*[{[]/.test(text)) return this.json(text, depth);
      if (this.#hidesSecret(text, depth)) return this.#tokenise(text);
      const target = /^\s*</.test(text)
        ? undefined
        : redactTarget(text, {
            text: (origin) => this.#plain(origin, depth),
            segment: (segment, name) => this.#segment(segment, name, depth),
            query: (query) => this.form(query, depth, 'query'),
          });
      if (target !== undefined) return target;
    }
    return this.#plain(text, depth);
  }

  json(text: string, depth: number): string {
    return redactJson(text, {
      isSecret: this.#isSecret,
      tokenise: this.#tokenise,
      value: (value, escaped) => this.text(escaped ? this.whole(value) : value, depth + 1),
    });
  }

  form(text: string, depth: number, place: Place): string {
    return text
      .split('&')
      .map((pair) => this.#pair(pair, depth, place))
      .join('&');
  }

  sql(statement: string): string {
    const rest = (text: string) => this.#plain(text, 0);
    if (speaksOfSecrets(statement, this.#isSecret)) return hideLiterals(statement, this.#tokenise, rest);
    return rest(redactLiterals(statement, (literal) => this.text(literal, 1)));
  }

  parameter(statement: string, value: string): string {
    if (value !== '' && speaksOfSecrets(statement, this.#isSecret)) return this.#tokenise(value);
    return this.text(this.begin(value), 0);
  }

  value(name: string | undefined, value: string): string {
    return value !== '' && name !== undefined && this.#isSecret(name)
      ? this.#tokenise(value)
      : this.text(this.begin(value), 0);
  }

  key(key: string): string {
    const parts = key.split(KEY_SEPARATOR);
    return parts.map((part, at) => (at % 2 === 0 ? this.#segment(part, parts[at - 2] ?? '', 0) : part)).join('');
  }

  stored(key: string, field: string | undefined, value: string): string {
    const names = [...(field === undefined ? [] : [field]), ...key.split(KEY_SEPARATOR)];
    const secret = names.some((name) => /^[A-Za-z]/.test(name) && this.#isSecret(name));
    return secret && value !== '' ? this.#tokenise(value) : this.text(this.begin(value), 0);
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
    const secret = this.#isSecret(bare, { place: 'header', path: () => [bare] }) || bare.endsWith('-bin');
    return secret ? this.#tokenise(value) : this.text(this.begin(value), 0);
  }

  #plain(text: string, depth: number): string {
    // Most values of JSON are a word or two, and nothing can hide in them.
    if (text.length < 16 && !/[=:\s@+]|\d{8}/.test(text)) return this.#matched(text);
    const marked = text.includes('<') ? redactMarkup(text, this.#tokenise, this.#isSecret) : text;
    const found = this.#matched(/[=:]/.test(marked) ? redactPairs(marked, this.#tokenise, this.#isSecret) : marked);
    if (depth >= MAX_NESTING) return found;
    return found.replace(ENCODED, (run) => (this.#hidesSecret(run, depth) ? this.#tokenise(run) : run));
  }

  #matched(text: string): string {
    return text === '' ? text : replaceFound(text, this.#detectors, this.#tokenise);
  }

  #segment(segment: string, name: string, depth: number): string {
    if (OPAQUE.test(segment) && this.#isSecret(name)) return this.#tokenise(segment);
    const clear = this.whole(segment);
    return this.#hidesSecret(clear, depth) ? this.#tokenise(clear) : this.#plain(clear, depth);
  }

  /** `scheme credentials`: the scheme stays. */
  #credentials(value: string): string {
    const scheme = /^[A-Za-z][\w-]{0,31}[ \t]+/.exec(value)?.[0] ?? '';
    return scheme + this.#tokenise(value.slice(scheme.length));
  }

  /** Every cookie may be a session, whatever it is called. */
  #cookie(pair: string): string {
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1).trim();
    if (value === '') return pair;
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    const shown = this.#rules.leaves('cookie', [name.toLowerCase()]);
    return (
      pair.slice(0, equals + 1) +
      (shown ? this.text(this.whole(value), 0) : this.#tokenise(value.replace(/^"(.*)"$/, '$1')))
    );
  }

  #pair(pair: string, depth: number, place: Place): string {
    const equals = pair.indexOf('=');
    const raw = pair.slice(equals + 1);
    const value = formDecoded(raw);
    if (raw === '') return pair;
    const name = formDecoded(pair.slice(0, Math.max(equals, 0)));
    if (equals !== -1 && this.#isSecret(name, { place, path: () => [name.toLowerCase()] }))
      return pair.slice(0, equals + 1) + this.#tokenise(value);
    const redacted = this.text(value === raw ? value : this.whole(value), depth + 1);
    return redacted === value ? pair : pair.slice(0, equals + 1) + redacted;
  }

  /** Base64 of text that would be redacted if it stood in clear, or of more than can be looked into. */
  #hidesSecret(text: string, depth: number): boolean {
    const hidden = hiddenText(text, this.#unpackable);
    if (hidden === undefined) return false;
    if (hidden.kind === 'too-large') return true;
    if (hidden.unpacked) this.#unpackable -= hidden.text.length;
    return this.text(this.whole(hidden.text), depth + 1) !== hidden.text;
  }

  /** Of a JWT's header or claims. */
  #claims(json: string): string {
    return redactJson(json, {
      isSecret: (name) => !SHOWN_CLAIMS.has(name) && this.#isSecret(name),
      tokenise: this.#tokenise,
      value: (value) => this.text(this.whole(value), MAX_NESTING - 1),
    });
  }
}

function formDecoded(text: string): string {
  return percentDecoded(text.replaceAll('+', ' '));
}
