/** Names and values in text that has no other grammar: logs, queries, headers quoted in messages, INI, XML, HTML forms. */
import type { NameTest } from './names.ts';
import { percentDecoded } from './percent.ts';
import type { Tokenise } from './tokens.ts';

// A name, then `=`, `:` or `=>`, with whatever quotes and brackets stand between: `a=`, `"a": `, `Key (a)=(`, `user[a]=`.
// Begins only where a run of name characters begins, or a long run would be searched from each of its places.
const NAME = /(?<![\w.%-])([\w.%-]+)(\\{0,15}["']?[)\]]?\s{0,8}(?:=>|[=:])\s{0,8}\(?)/g;
const OPENING = /\\{0,15}["']/y;
const LINE = /[^\r\n]+/y;
const BARE = /(?:(?:bearer|basic|digest|token)\s{1,4})?(REDACTED\([a-z]+\.[0-9a-f]+\.\d+\)|[^\s&;,"'<>)}\]\\]+)/iy;

/** Stands for a value, or says that there is none. */
const PLACEHOLDER = /^(?:\$\d{1,5}|\?|null|true|false|default)$/i;

/** Values of secret names, replaced. */
export function redactPairs(text: string, tokenise: Tokenise, isSecret: NameTest): string {
  let result = '';
  let done = 0;
  NAME.lastIndex = 0;
  for (let found = NAME.exec(text); found !== null; found = NAME.exec(text)) {
    const name = percentDecoded((found[1] ?? '').slice(-128));
    const value = isSecret(name) ? valueAt(text, NAME.lastIndex, name, found[2] ?? '') : undefined;
    if (value === undefined || PLACEHOLDER.test(text.slice(value.start, value.end))) continue;
    result += text.slice(done, value.start) + tokenise(text.slice(value.start, value.end));
    done = value.end;
    NAME.lastIndex = value.end;
  }
  return result + text.slice(done);
}

/** `<password>…</password>`, `<input name="csrf" value="…">`. */
export function redactMarkup(text: string, tokenise: Tokenise, isSecret: NameTest): string {
  return text
    .replace(
      /<([A-Za-z_][\w.:-]{0,127})((?:\s[^<>]*)?>(?:\s{0,64}<!\[CDATA\[)?)([^<]+?(?=\]\]>)|[^<]+)/g,
      (whole: string, name: string, rest: string, value: string) =>
        isSecret(name) && value.trim() !== '' ? `<${name}${rest}${tokenise(value)}` : whole,
    )
    .replace(/<(?:input|meta)\s[^<>]*>/gi, (tag) => {
      const name = /\sname\s{0,4}=\s{0,4}["']?([^"'\s<>]{1,128})/i.exec(tag)?.[1];
      if (name === undefined || !isSecret(name)) return tag;
      return tag.replace(
        /(\s(?:value|content)\s{0,4}=\s{0,4}["']?)([^"'<>]+)/i,
        (_, before: string, value: string) => before + tokenise(value),
      );
    });
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function valueAt(text: string, at: number, name: string, separator: string): Span | undefined {
  OPENING.lastIndex = at;
  const opening = OPENING.exec(text)?.[0];
  if (opening !== undefined) return span(at + opening.length, closing(text, at + opening.length, opening));
  // Cookies and credentials of a quoted header go on to the end of their line.
  const rest = separator.includes(':') && /cookie|authorization/i.test(name) ? LINE : BARE;
  rest.lastIndex = at;
  const found = rest.exec(text);
  return found === null ? undefined : span(rest.lastIndex - (found[1] ?? found[0]).length, rest.lastIndex);
}

/** Where the quoted value ends: the same quote, not escaped, or the end of a text that was cut. */
function closing(text: string, from: number, opening: string): number {
  for (let at = text.indexOf(opening, from); at !== -1; at = text.indexOf(opening, at + 1)) {
    if (opening.length > 1 || !/(?<!\\)(?:\\\\)*\\$/.test(text.slice(Math.max(from, at - 64), at))) return at;
  }
  return text.length;
}

function span(start: number, end: number): Span | undefined {
  return end > start ? { start, end } : undefined;
}
