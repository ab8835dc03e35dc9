/** Paths and URLs: each segment of the path by itself, the query and the fragment as forms. */
import { percentDecoded } from './percent.ts';

export interface TargetRedaction {
  /** What goes before the path: scheme, user, host. */
  readonly text: (text: string) => string;
  /** One segment, percent-decoded; `name` is the segment in front of it, percent-decoded. */
  readonly segment: (segment: string, name: string) => string;
  readonly query: (query: string) => string;
}

const TARGET = /^((?:[A-Za-z][\w+.-]{0,31}:\/\/[^\s/?#]*)?)([^\s?#]*)(\?[^\s#]*|)(#\S*|)$/;

/** Undefined for what is neither a path, nor a URL, nor anything with a query. */
export function redactTarget(text: string, redact: TargetRedaction): string | undefined {
  const [, origin = '', path = '', query = '', fragment = ''] = TARGET.exec(text) ?? [];
  if (origin === '' && query === '' && !path.startsWith('/')) return undefined;
  const head = (origin === '' ? '' : redact.text(origin)) + redactPath(path, redact);
  return [query, fragment].reduce(
    (done, part) => done + part.slice(0, 1) + (part === '' ? '' : redact.query(part.slice(1))),
    head,
  );
}

const TOKEN = /REDACTED\(|@redacted\.invalid/;

function redactPath(path: string, redact: TargetRedaction): string {
  let name = '';
  return path
    .split('/')
    .map((segment) => {
      const plain = percentDecoded(segment);
      const redacted = plain === '' ? '' : redact.segment(plain, name);
      name = plain;
      // A token has one spelling, however a client encodes it: it is compared.
      return redacted === plain && !TOKEN.test(plain) ? segment : encodeURI(redacted);
    })
    .join('/');
}
