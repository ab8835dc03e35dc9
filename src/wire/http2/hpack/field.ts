import type { Header } from '../../../domain/exchange.ts';

/** What a field is to the rules of RFC 9113 section 8; worked out once, since fields of a table come again and again. */
export const Trait = {
  method: 1,
  scheme: 2,
  path: 4,
  authority: 8,
  /** Any of those before. */
  pseudo: 15,
  regular: 16,
  contentLength: 32,
  connect: 64,
  malformed: 128,
} as const;

/** What an entry costs beyond its text (RFC 7541 section 4.1). */
const OVERHEAD = 32;

/** A header with what is known of it. Its own two properties are all that is seen of it from outside. */
export class Field implements Header {
  readonly name: string;
  readonly value: string;
  readonly #traits: number;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
    this.#traits = traitsOf(name, value);
  }

  get traits(): number {
    return this.#traits;
  }

  /** As tables and lists count it. */
  get size(): number {
    return this.name.length + this.value.length + OVERHEAD;
  }
}

function traitsOf(name: string, value: string): number {
  const traits = name.charCodeAt(0) === COLON ? pseudo(name, value) : regular(name, value);
  return isValue(value) ? traits : traits | Trait.malformed;
}

function pseudo(name: string, value: string): number {
  switch (name) {
    case ':method':
      return value === 'CONNECT' ? Trait.method | Trait.connect : Trait.method;
    case ':scheme':
      return Trait.scheme;
    case ':path':
      return value === '' ? Trait.path | Trait.malformed : Trait.path;
    case ':authority':
      return Trait.authority;
    default:
      return Trait.malformed;
  }
}

/** Section 8.2.2. */
const CONNECTION_SPECIFIC = new Set(['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

function regular(name: string, value: string): number {
  const isMalformed = !isName(name) || CONNECTION_SPECIFIC.has(name) || (name === 'te' && value !== 'trailers');
  if (name === 'content-length') return Trait.regular | Trait.contentLength | (isCount(value) ? 0 : Trait.malformed);
  return isMalformed ? Trait.regular | Trait.malformed : Trait.regular;
}

const COLON = 0x3a;
const SPACE = 0x20;
const TAB = 0x09;

/** Section 8.2.1: no upper case, no controls, no colon but the first of a pseudo-header, nothing beyond ASCII. */
function isName(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    if (code <= SPACE || code >= 0x7f || code === COLON || (code >= 0x41 && code <= 0x5a)) return false;
  }
  return name !== '';
}

function isValue(value: string): boolean {
  if (value === '') return true;
  if (isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1))) return false;
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if (code === 0 || code === 0x0a || code === 0x0d) return false;
  }
  return true;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

function isCount(value: string): boolean {
  return /^\d{1,15}$/.test(value);
}
