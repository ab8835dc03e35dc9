/** A statement of SQL in pieces, so that a placeholder can be read beside its value. */
export interface StatementPiece {
  readonly text: string;
  /** Of `$3`: 2. Of the second `?`: 1. */
  readonly parameter?: number;
}

/** Literals, quoted names and comments hold no placeholder. Every alternative begins otherwise, so it is read once. */
const PIECE = /'(?:[^']|'')*'?|"[^"]*"?|--[^\n]*|\/\*[^]*?(?:\*\/|$)|\$(\d{1,5})\b|\?/g;

export function statementPieces(text: string, protocol: string): readonly StatementPiece[] {
  const pieces: StatementPiece[] = [];
  let at = 0;
  let marks = 0;
  for (const found of text.matchAll(PIECE)) {
    const [word, number] = found;
    const parameter =
      number !== undefined ? Number(number) - 1 : word === '?' && protocol === 'mysql' ? marks++ : undefined;
    if (parameter === undefined) continue;
    if (found.index > at) pieces.push({ text: text.slice(at, found.index) });
    pieces.push({ text: word, parameter });
    at = found.index + word.length;
  }
  return at < text.length ? [...pieces, { text: text.slice(at) }] : pieces;
}
