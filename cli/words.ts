/** A command line in words, as a shell would have it, without anything else a shell does. */

const WORD = /\s*((?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*")+)\s*/y;
const PART = /\\([\s\S])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|([^\s'"\\]+)/g;

/** Undefined when a quote is left open. */
export function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  WORD.lastIndex = 0;
  while (WORD.lastIndex < text.trimEnd().length) {
    const [, word] = WORD.exec(text) ?? [];
    if (word === undefined) return undefined;
    words.push(word.replace(PART, unquoted));
  }
  return words;
}

function unquoted(_all: string, escaped?: string, single?: string, double?: string, bare?: string): string {
  return escaped ?? single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? bare ?? '';
}
