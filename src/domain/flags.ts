/**
 * Envoy's response flags by bit: 1 << index of its CoreResponseFlag (envoy/stream_info/stream_info.h, 1.40), as the short names the access log
 * prints for them (source/common/stream_info/utility.h).
 */
export const FLAG_NAMES: readonly string[] = [
  'LH UH UT LR UR UF UC UO NR DI', // 0-9
  'FI RL UAEX RLSE DC URX SI IH DPE UMSDR', // 10-19
  'RFCF NFCF DT UPE NC OM DF DO DR UDO', // 20-29
].flatMap((names) => names.split(' '));
