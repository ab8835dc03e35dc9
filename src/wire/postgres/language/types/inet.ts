/**
 * Addresses and networks.
 *
 *     text     10.0.0.1, 10.0.0.0/8, 2001:db8::1; inet leaves a full prefix out, cidr never does
 *     binary   Byte1 family (2: IPv4, 3: IPv6), Byte1 prefix, Byte1 1 for cidr, Byte1 4 | 16, address
 *
 * https://www.postgresql.org/docs/current/datatype-net-types.html
 */
import type { TypeCodec } from './codec.ts';

const FAMILIES = [
  { family: 2, length: 4 },
  { family: 3, length: 16 },
] as const;

function network(cidr: boolean): TypeCodec {
  return {
    text(binary) {
      const [family = 0, prefix = 0, , length = 0] = binary;
      const address = binary.subarray(4);
      const known = FAMILIES.some((one) => one.family === family && one.length === length);
      if (!known || address.length !== length || prefix > length * 8) return undefined;
      const text = length === 4 ? address.join('.') : ipv6Text(address);
      return !cidr && prefix === length * 8 ? text : `${text}/${prefix}`;
    },
    binary(text) {
      const [, address = '', bits] = /^\s*([0-9a-f.:]+)(?:\/(\d{1,3}))?\s*$/i.exec(text) ?? [];
      const bytes = address.includes(':') ? ipv6Bytes(address) : ipv4Bytes(address);
      if (bytes === undefined) return undefined;
      const prefix = bits === undefined ? bytes.length * 8 : Number(bits);
      if (prefix > bytes.length * 8) return undefined;
      return Uint8Array.of(bytes.length === 4 ? 2 : 3, prefix, Number(cidr), bytes.length, ...bytes);
    },
  };
}

export const inet = network(false);
export const cidr = network(true);

function ipv4Bytes(text: string): readonly number[] | undefined {
  const parts = text.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return parts.length === 4 && parts.every((part) => part < 256) ? parts : undefined;
}

function ipv6Bytes(text: string): readonly number[] | undefined {
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const [front, back] = [groups(head), groups(tail ?? '')];
  if (front === undefined || back === undefined) return undefined;
  const missing = 16 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...front, ...Array.from({ length: missing }, () => 0), ...back];
}

/** The last one may be an IPv4 address. */
function groups(text: string): readonly number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 = index === parts.length - 1 ? ipv4Bytes(part) : undefined;
    if (ipv4 === undefined && !/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
    const value = Number.parseInt(part, 16);
    bytes.push(...(ipv4 ?? [value >> 8, value & 0xff]));
  }
  return bytes;
}

/** The longest run of zeros, of two or more, is left out. Of IPv4 in IPv6 Postgres writes the last four bytes with dots. */
function ipv6Text(address: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, at) => ((address[at * 2] ?? 0) << 8) | (address[at * 2 + 1] ?? 0));
  let best = { at: -1, length: 1 };
  let run = 0;
  for (const [at, word] of words.entries()) {
    run = word === 0 ? run + 1 : 0;
    if (run > best.length) best = { at: at - run + 1, length: run };
  }
  const mapped = best.at === 0 && (best.length === 6 || (best.length === 5 && words[5] === 0xffff));
  const hex = (from: number, to: number): string =>
    words
      .slice(from, to)
      .map((word) => word.toString(16))
      .join(':');
  const end = mapped ? 6 : 8;
  const last = mapped ? address.subarray(12).join('.') : '';
  if (best.at === -1) return hex(0, 8);
  const rest = [hex(best.at + best.length, end), last].filter((part) => part !== '').join(':');
  return `${hex(0, best.at)}::${rest}`;
}
