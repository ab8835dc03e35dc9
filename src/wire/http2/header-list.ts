import type { Header } from '../../domain/exchange.ts';
import { type Field, Trait } from './hpack/field.ts';

const REQUIRED = Trait.method | Trait.scheme | Trait.path;

/** A header list with what RFC 9113 section 8 says of it, worked out once. */
export class HeaderList {
  readonly headers: readonly Header[];
  /** May open a stream. */
  readonly isRequest: boolean;
  /** May end one. */
  readonly isTrailers: boolean;
  /** Bytes of DATA that were promised; -1: nothing was. */
  readonly contentLength: number;

  constructor(fields: readonly Field[]) {
    this.headers = fields;
    const seen = seenIn(fields);
    this.contentLength = (seen & Trait.contentLength) === 0 ? -1 : contentLength(fields);
    const isFormed = (seen & Trait.malformed) === 0 && this.contentLength !== DIFFERS;
    this.isTrailers = isFormed && (seen & Trait.pseudo) === 0;
    this.isRequest = isFormed && hasPseudo(seen);
  }
}

/** All traits; `malformed` also for a pseudo-header that comes twice or after the others. */
function seenIn(fields: readonly Field[]): number {
  let seen = 0;
  for (const { traits } of fields) {
    const pseudo = traits & Trait.pseudo;
    if (pseudo !== 0 && (seen & (pseudo | Trait.regular)) !== 0) seen |= Trait.malformed;
    seen |= traits;
  }
  return seen;
}

/** Sections 8.3.1 and 8.5. */
function hasPseudo(seen: number): boolean {
  if ((seen & Trait.connect) === 0) return (seen & REQUIRED) === REQUIRED;
  return (seen & Trait.pseudo) === (Trait.method | Trait.authority);
}

const DIFFERS = -2;

function contentLength(fields: readonly Field[]): number {
  const values = new Set(fields.filter(({ name }) => name === 'content-length').map(({ value }) => Number(value)));
  const [value = DIFFERS] = values;
  return values.size === 1 ? value : DIFFERS;
}
