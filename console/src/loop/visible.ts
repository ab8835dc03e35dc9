/**
 * Recorded text as it can be shown: what has no glyph, or turns the direction of what follows, is written as `\u202e`. Line ends and tabs stay.
 */
export function visible(text: string): string {
  return text.replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, escaped);
}

/** The same in one line. */
export function visibleLine(text: string): string {
  return visible(text).replace(/[\n\t]/g, (char) => (char === '\n' ? '\\n' : '\\t'));
}

/** `text`, or its beginning with `…`. */
export function shortened(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}

function escaped(char: string): string {
  if (char === '\r') return '\\r';
  const code = char.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
