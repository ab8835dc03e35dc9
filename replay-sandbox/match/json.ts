/** JSON of unknown origin. */

/** Deeper JSON is compared as text: walking it would overflow the stack, and no service means it. */
const JSON_DEPTH = 200;

/** Undefined for text that is no JSON, or too deep to be walked. */
export function parseJson(text: string): unknown {
  if (depthOf(text) > JSON_DEPTH) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Brackets inside strings count too: too high an estimate only costs a comparison by value. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if (character === '[' || character === '{') deepest = Math.max(deepest, (depth += 1));
    else if (character === ']' || character === '}') depth -= 1;
  }
  return deepest;
}
