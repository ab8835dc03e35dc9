/** Tokens that stand for secrets, as the seal writes them (src/seal/tokens.ts). */
const TOKEN = /REDACTED\([a-z]{1,20}\.[0-9a-f]{12}\.\d{1,15}\)|x[0-9a-f]{12}@redacted\.invalid/g;

export interface Piece {
  readonly text: string;
  readonly token: boolean;
}

/** The text in order, tokens apart. Linear: nothing in the pattern can be read in two ways. */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > at) pieces.push({ text: text.slice(at, found.index), token: false });
    pieces.push({ text: found[0], token: true });
    at = found.index + found[0].length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), token: false });
  return pieces;
}

export function isRedacted(text: string): boolean {
  return text.search(TOKEN) >= 0;
}
