/**
 * Words of a POSIX shell. What is copied is pasted into a terminal, so a word holds no character that a terminal could act on: an escape
 * sequence can end bracketed paste, a tab completes names. Such characters are written in octal and made by `printf`.
 */

/** One word whose value is `text` as UTF-8. Undefined where no word can be: arguments of programs hold no NUL. */
export function shellWord(text: string): string | undefined {
  if (text.includes('\0')) return undefined;
  // Without quotes, zsh takes `=name` for the path of a program.
  if (/^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text)) return text;
  if (isPrintable(text)) return quoted(text);
  // `$(…)` drops line ends at the end, so those are given behind it.
  const end = text.length - trailingLineEnds(text);
  const made = end === 0 ? '' : `"$(printf ${octal(text.slice(0, end))})"`;
  return end === text.length ? made : `${made}'${text.slice(end)}'`;
}

/** The format of a `printf` that writes the bytes of `text`, NUL too, quoted. */
export function octal(text: string): string {
  const format = Array.from(text, (char) => (isPrintable(char) ? literal(char) : escaped(char))).join('');
  // A format that begins with a hyphen is an option to some.
  return `'${format.replace(/^-/, String.raw`\055`)}'`;
}

/** Nothing that moves a cursor, changes the direction of writing, or cannot be seen. */
export function isPrintable(text: string): boolean {
  return !/[^\P{C}]|[^\P{Z} ]/u.test(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function literal(char: string): string {
  if (char === '%') return '%%';
  if (char === '\\') return '\\\\';
  // An interactive bash looks for `!` in `"$(…)"`, whatever quotes are inside.
  return char === "'" || char === '!' ? escaped(char) : char;
}

/** Three digits each, so that a digit behind is its own. */
function escaped(char: string): string {
  const bytes = new TextEncoder().encode(char);
  return [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

function trailingLineEnds(text: string): number {
  let count = 0;
  while (count < text.length && text[text.length - 1 - count] === '\n') count += 1;
  return count;
}
