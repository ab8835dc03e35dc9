/** Whether one value can have been made of another without knowing the code: written otherwise, packed, or put into a text. */

/** Shorter ones stand in everything. */
const SHORTEST_PART = 4;

export type Derivation = 'same' | 'written otherwise' | 'part';

export function derivation(source: string, value: string): Derivation | undefined {
  if (source === value) return source === '' ? undefined : 'same';
  if (source === '' || value === '') return undefined;
  if (isSameNumber(source, value) || spellings(source).includes(value)) return 'written otherwise';
  return source.length >= SHORTEST_PART && value.includes(source) ? 'part' : undefined;
}

function isSameNumber(one: string, other: string): boolean {
  const [left, right] = [one, other].map((text) =>
    /^[-+]?[\d.,]+$/.test(text) ? Number(text.replaceAll(',', '')) : NaN,
  );
  return left === right;
}

function spellings(source: string): readonly string[] {
  const bytes = Buffer.from(source);
  return [
    bytes.toString('base64'),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(source),
    source.toLowerCase(),
    source.toUpperCase(),
    source.trim(),
  ];
}
