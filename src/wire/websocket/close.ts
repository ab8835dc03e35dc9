/** What a close frame says. https://www.rfc-editor.org/rfc/rfc6455#section-5.5.1 */

export interface WebSocketClose {
  /** Absent when the frame said nothing. */
  readonly code?: number;
  readonly reason: string;
}

/** Undefined for half a code, a code nobody may send, or a reason that is no UTF-8. */
export function readClose(bytes: Uint8Array): WebSocketClose | undefined {
  if (bytes.length === 0) return { reason: '' };
  const [high = 0, low = 0] = bytes;
  const code = bytes.length === 1 ? 0 : high * 256 + low;
  const reason = readText(bytes.subarray(2));
  return isSendable(code) && reason !== undefined ? { code, reason } : undefined;
}

export function writeClose({ code, reason }: WebSocketClose): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  return Buffer.concat([Uint8Array.of(code >> 8, code & 0xff), Buffer.from(reason, 'utf8')]);
}

/** The registry: 1004 is reserved, 1005, 1006 and 1015 are never on the wire (section 7.4; 1012-1014 by IANA). */
function isSendable(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Undefined for bytes that are no UTF-8. */
export function readText(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
