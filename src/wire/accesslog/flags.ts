import { FieldWalk } from '../protobuf/fields.ts';

const walk = new FieldWalk();

/** Above it a bit has no name anywhere; hostile numbers must not become powers of two. */
const LAST_FIELD = 53;

/**
 * ResponseFlags (one bool per flag) as the bit mask that ext_proc's attribute `response.flags` has, so that both are named by one table
 * (wire/extproc/flags.ts). Field n is bit n - 1, up to `downstream_remote_reset` = 28: Envoy's list has a flag before it (DO) that the
 * message has not, so from there field n is bit n. `unauthorized_details` (13) is a message: there is set.
 */
export function readFlags(bytes: Uint8Array, start: number, end: number): number {
  let mask = 0;
  const seen = new Set<number>();
  walk.over(bytes, start, end);
  while (walk.next()) {
    const bit = walk.field < 28 ? walk.field - 1 : walk.field;
    const set = walk.isBytes(13) || (walk.isVarint(walk.field) && walk.value !== 0);
    if (!set || bit >= LAST_FIELD || seen.has(bit)) continue;
    seen.add(bit);
    mask += 2 ** bit;
  }
  return mask;
}
