/** String literals of the languages that tests are written in. What stands in a recording is hostile: nothing of it may become code. */

export type Language = 'javascript' | 'python' | 'go' | 'java';

const SHORT: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': '\\\\',
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
};

/** In double quotes, printable ASCII alone. Half a surrogate pair becomes U+FFFD. */
export function literal(text: string, language: Language): string {
  const written = Array.from(text.toWellFormed(), (character) =>
    /^[ !#-[\]-~]$/.test(character) ? character : (SHORT[character] ?? escaped(character, language)),
  );
  return `"${written.join('')}"`;
}

function escaped(character: string, language: Language): string {
  const code = character.codePointAt(0) ?? 0;
  // Java reads \u before anything else: \u000a would end the line, and the text.
  if (language === 'java' && code < 0x80) return `\\${code.toString(8).padStart(3, '0')}`;
  if (code <= 0xffff) return unit(code);
  if (language === 'javascript' || language === 'java')
    return [character.charCodeAt(0), character.charCodeAt(1)].map(unit).join('');
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
