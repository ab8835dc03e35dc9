/** Takes the keys that were put in first out again, until at most `limit` are left. To renew a key, delete it before it is put in. */
export function forgetOldest<Key>(
  keys: { readonly size: number; keys(): Iterable<Key>; delete(key: Key): boolean },
  limit: number,
): void {
  if (keys.size <= limit) return;
  for (const oldest of keys.keys()) {
    keys.delete(oldest);
    if (keys.size <= limit) return;
  }
}
