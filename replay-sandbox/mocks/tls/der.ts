/** DER, the encoding of certificates (ITU-T X.690): as much of it as they need. Each function gives one whole value. */

export const tagged = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOf(body)), body]);
};

export const sequence = (...content: readonly Uint8Array[]): Buffer => tagged(0x30, ...content);
export const set = (...content: readonly Uint8Array[]): Buffer => tagged(0x31, ...content);
export const octets = (content: Uint8Array): Buffer => tagged(0x04, content);
export const text = (value: string): Buffer => tagged(0x0c, Buffer.from(value));
export const TRUE = tagged(0x01, Uint8Array.of(0xff));

/** Big endian; the first bit is the sign. */
export const integer = (...bytes: readonly number[]): Buffer => tagged(0x02, Uint8Array.from(bytes));

/** `unused`: how many bits of the last byte do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer => tagged(0x03, Uint8Array.of(unused), content);

/** `1.2.840.10045.4.3.2` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...others].flatMap(inSevens)));
}

/** To the second. Years before 2050 have two digits (RFC 5280, 4.1.2.5). */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/\.\d+|\D/g, '');
  const year = at.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tagged(0x18, Buffer.from(`${digits}Z`));
}

function lengthOf({ length }: Uint8Array): readonly number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

/** Seven bits a byte, the first bit telling whether more follow. */
function inSevens(arc: number): readonly number[] {
  const bytes = [arc & 0x7f];
  for (let left = arc >> 7; left > 0; left >>= 7) bytes.unshift((left & 0x7f) | 0x80);
  return bytes;
}
