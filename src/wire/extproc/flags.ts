/**
 * The attribute `response.flags`: a bit mask, 1 << index of Envoy's CoreResponseFlag (envoy/stream_info/stream_info.h, 1.40), and the
 * short names the access log prints for them (source/common/stream_info/utility.h).
 */
const NAMES: readonly string[] = [
  'LH UH UT LR UR UF UC UO NR DI', // 0-9
  'FI RL UAEX RLSE DC URX SI IH DPE UMSDR', // 10-19
  'RFCF NFCF DT UPE NC OM DF DO DR UDO', // 20-29
].flatMap((names) => names.split(' '));

/** Bits a double holds exactly. */
const MAX_BITS = 53;

/** Short names in bit order. A bit this version does not know is named by its index, as `bit30`; what is no mask gives none. */
export function flagNames(mask: number): readonly string[] {
  if (!Number.isSafeInteger(mask) || mask <= 0) return [];
  const names: string[] = [];
  for (let index = 0; index < MAX_BITS; index++) {
    if (Math.floor(mask / 2 ** index) % 2 === 1) names.push(NAMES[index] ?? `bit${index}`);
  }
  return names;
}
