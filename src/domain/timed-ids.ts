/** Ids that tell when they were made. */

/** https://github.com/segmentio/ksuid: 20 bytes in base 62, of which the first four are seconds since then. */
const KSUID_EPOCH_S = 1_400_000_000;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Unix ms; undefined for what is none. */
export function ksuidTime(text: string): number | undefined {
  if (!/^[0-9A-Za-z]{27}$/.test(text)) return undefined;
  let value = 0n;
  for (const character of text) value = value * 62n + BigInt(BASE62.indexOf(character));
  const seconds = Number(value >> 128n);
  return seconds < 2 ** 32 ? (seconds + KSUID_EPOCH_S) * 1000 : undefined;
}

/** Unix ms of Twitter's, Discord's, Instagram's first, and of none. */
const SNOWFLAKE_EPOCHS = [1_288_834_974_657, 1_420_070_400_000, 1_314_220_021_721, 0];

/** Unix ms it can be of, by who may have made it: 41 bits of time before 22 or, with Instagram, 23 others. */
export function snowflakeTimes(text: string): readonly number[] {
  if (!/^[1-9]\d{16,18}$/.test(text)) return [];
  const value = BigInt(text);
  return SNOWFLAKE_EPOCHS.flatMap((epoch) => [Number(value >> 22n) + epoch, Number(value >> 23n) + epoch]);
}
