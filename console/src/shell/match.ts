/** The parameters of a path under a pattern like `/loops/:id`; undefined when it is another path. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const given = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, piece] of wanted.entries()) {
    const part = given[index] ?? '';
    if (piece.startsWith(':')) {
      const value = decoded(part);
      if (value === undefined || value === '') return undefined;
      params[piece.slice(1)] = value;
    } else if (piece !== part) return undefined;
  }
  return params;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
