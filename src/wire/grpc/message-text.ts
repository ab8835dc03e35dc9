/**
 * `grpc-message`: UTF-8, percent-encoded where a byte is no printable ASCII, or a percent sign.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses ("decode … must not error or throw away invalid values").
 */

/** Decodes what is encoded well and keeps the rest as it is. `text` holds a byte per char, as headers do. */
export function decodeMessageText(text: string): string {
  const bytes = text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

export function encodeMessageText(text: string): string {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replaceAll(
    /[^\x20-\x24\x26-\x7e]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
