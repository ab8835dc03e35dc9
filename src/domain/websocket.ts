/** What the end of a WebSocket says of it. https://www.rfc-editor.org/rfc/rfc6455#section-7.4 */

/** Codes by which a server says that the failure is its own, as 500 and 502 do. 1012 and 1013 are every restart's and every overload's. */
const SERVER_FAILED: ReadonlySet<number> = new Set([1011, 1014]);

export function isFailureCode(code: number | undefined): boolean {
  return code !== undefined && SERVER_FAILED.has(code);
}

/**
 * The code of a server's close frame, where bytes end with one that says the failure is its own. A look at the end alone: other bytes end so
 * once in 2^24 times, so only the last of what a server sent may be asked.
 */
export function failureAtEnd(bytes: Uint8Array, start = 0, end = bytes.length): number | undefined {
  for (let length = 2; length <= 125 && end - length - 2 >= start; length += 1) {
    const at = end - length - 2;
    if (bytes[at] !== 0x88 || bytes[at + 1] !== length) continue;
    const code = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (isFailureCode(code)) return code;
  }
  return undefined;
}
