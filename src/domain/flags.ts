/**
 * Envoy's response flags by bit: 1 << index of its CoreResponseFlag (envoy/stream_info/stream_info.h, 1.40), as the short names the access log
 * prints for them (source/common/stream_info/utility.h).
 */
export const FLAG_NAMES: readonly string[] = [
  'LH UH UT LR UR UF UC UO NR DI', // 0-9
  'FI RL UAEX RLSE DC URX SI IH DPE UMSDR', // 10-19
  'RFCF NFCF DT UPE NC OM DF DO DR UDO', // 20-29
].flatMap((names) => names.split(' '));

/** The client left: connection gone, or its stream reset. */
const CLIENT_GONE: ReadonlySet<string> = new Set(['DC', 'DR']);

/** Of anything with Envoy's short names. */
export function isClientGone({ flags }: { readonly flags: readonly string[] }): boolean {
  return flags.some((flag) => CLIENT_GONE.has(flag));
}

/** Flags that say something of a failure: not that its client had left when it was told. */
export function flagsOfFailure(flags: readonly string[]): readonly string[] {
  return flags.filter((flag) => !CLIENT_GONE.has(flag));
}
