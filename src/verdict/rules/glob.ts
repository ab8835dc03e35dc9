/** Globs, matched in time that grows with text times pattern and no faster, whatever the text: they meet hostile paths on the ingest thread. */

/** Longer texts match nothing but `**`. */
const LONGEST = 4096;

interface Token {
  readonly kind: 'char' | 'one' | 'some' | 'any';
  readonly char: string;
}

export type Glob = (text: string) => boolean;

/** A name: `*` is any text, `?` one character. Without regard to case. */
export function compileNameGlob(pattern: string): Glob {
  const tokens = Array.from(pattern.toLowerCase(), (char) => token(char === '*' ? 'any' : char === '?' ? 'one' : char));
  return (text) => matches(tokens, text.toLowerCase(), '');
}

/** Any text: as a name, but case counts. */
export function compileTextGlob(pattern: string): Glob {
  const tokens = Array.from(pattern, (char) => token(char === '*' ? 'any' : char === '?' ? 'one' : char));
  return (text) => matches(tokens, text, '');
}

/** A path: `*` and `{name}` stay within a segment, `**` does not; `/**` at the end matches nothing at all, too. */
export function compilePathGlob(pattern: string): Glob {
  const open = pattern.endsWith('/**') ? pattern.slice(0, -3) : undefined;
  const tokens = pathTokens(pattern);
  const whole = open === undefined || open === '' ? undefined : pathTokens(open);
  return (text) => matches(tokens, text, '/') || (whole !== undefined && matches(whole, text, '/'));
}

function pathTokens(pattern: string): readonly Token[] {
  const pieces = pattern.match(/\*\*|\*|\?|\{[^{}/]*\}|[^]/gu) ?? [];
  return pieces.map((piece) => {
    if (piece === '**') return token('any');
    if (piece === '*' || piece.length > 2) return token('some');
    return token(piece === '?' ? 'one' : piece);
  });
}

/** One character, or the name of a star. */
function token(piece: string): Token {
  return piece === 'one' || piece === 'some' || piece === 'any'
    ? { kind: piece, char: '' }
    : { kind: 'char', char: piece };
}

/** Runs all ways through the pattern side by side: each is a place in it. `some` and `one` do not pass `border`. */
function matches(tokens: readonly Token[], text: string, border: string): boolean {
  if (text.length > LONGEST) return tokens.length > 0 && tokens.every(({ kind }) => kind === 'any');
  let places = reachable(tokens, [0]);
  for (const char of text) {
    const next: number[] = [];
    for (const place of places) {
      const { kind, char: wanted } = tokens[place] ?? END;
      if (kind === 'any' || (kind === 'some' && char !== border)) next.push(place);
      else if (kind === 'char' ? char === wanted : kind === 'one' && char !== border) next.push(place + 1);
    }
    if (next.length === 0) return false;
    places = reachable(tokens, next);
  }
  return places.includes(tokens.length);
}

/** No character is equal to it. */
const END: Token = { kind: 'char', char: '' };

/** With the places behind stars, which may stand for nothing. */
function reachable(tokens: readonly Token[], places: readonly number[]): readonly number[] {
  const found = new Set<number>();
  for (const place of places) {
    let at = place;
    while (!found.has(at)) {
      found.add(at);
      const kind = tokens[at]?.kind;
      if (kind === 'any' || kind === 'some') at += 1;
    }
  }
  return [...found];
}
