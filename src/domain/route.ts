/** A path with its query dropped and every segment that looks like an id folded to `*`, so that calls of one route compare equal. */
export function foldPath(path: string): string {
  const end = path.search(/[?#]/);
  const bare = end < 0 ? path : path.slice(0, end);
  return bare
    .split('/')
    .map((segment) => (looksLikeId(segment) ? '*' : segment))
    .join('/');
}

const ID_SHAPES: readonly RegExp[] = [
  /^\d+$/,
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
  /^[0-9a-f]{12,}$/i,
  /^[0-9A-HJKMNP-TV-Z]{26}$/,
  /^[\w-]*\d[\w-]*$/,
  // Tokens of redaction (src/seal/tokens.ts) stand for what was in one recording only.
  /REDACTED\(|@redacted\.invalid/,
];

/** Version segments (`v1`) stay: they name the route. */
function looksLikeId(segment: string): boolean {
  if (/^v\d{1,2}$/.test(segment)) return false;
  return ID_SHAPES.some((shape) => shape.test(segment));
}
