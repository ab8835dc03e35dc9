import { expect, it } from 'vitest';
import { slotOf } from '../../../../../src/wire/redis/language/slots.ts';

/** As CLUSTER KEYSLOT of a server says. */
it.each([
  ['', 0],
  ['123456789', 12739],
  ['somekey', 11058],
  ['foo{hash_tag}', 2515],
  ['bar{hash_tag}x{other}', 2515],
  ['foo{}{bar}', 8363],
])('%s lies in %i', (key, slot) => expect(slotOf(Buffer.from(key))).toBe(slot));
