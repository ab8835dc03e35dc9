/**
 * HalfSipHash-1-3 of a key's characters, four at a time (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; its 32-bit variant): who does
 * not know the two halves of the seed finds no keys that meet. FNV and MurmurHash3 have such keys, whatever the seed. 32 bits with a sign.
 */
export function keyedHash(key: string, low: number, high: number): number {
  let [v0, v1, v2, v3] = [low, high, low ^ 0x6c79_6765, high ^ 0x7465_6462];
  const whole = key.length & ~3;
  // Whole words, the rest with the length, and three rounds to end with.
  for (let at = 0; at <= whole + 12; at += 4) {
    const word = at < whole ? wordAt(key, at) : at === whole ? restAt(key, at) : 0;
    if (at === whole + 4) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}

function wordAt(key: string, at: number): number {
  return (
    key.charCodeAt(at) | (key.charCodeAt(at + 1) << 8) | (key.charCodeAt(at + 2) << 16) | (key.charCodeAt(at + 3) << 24)
  );
}

/** Up to three characters, and how long the key is. */
function restAt(key: string, at: number): number {
  let rest = key.length << 24;
  for (let index = at; index < key.length; index += 1) rest |= key.charCodeAt(index) << (8 * (index - at));
  return rest;
}
