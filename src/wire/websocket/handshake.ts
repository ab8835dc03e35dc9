/** The upgrade that opens a WebSocket. https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 */
import { createHash } from 'node:crypto';
import type { Header } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** `Sec-WebSocket-Accept` to a client's key. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key.trim()}${GUID}`).digest('base64');
}

/** Subprotocols of an offer, in order; repeats of the header are one list. */
export function subprotocols(headers: readonly Header[]): readonly string[] {
  return headers
    .filter(({ name }) => name === 'sec-websocket-protocol')
    .flatMap(({ value }) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** What the server chose of them. */
export function chosenSubprotocol(headers: readonly Header[]): string | undefined {
  return header(headers, 'sec-websocket-protocol')?.trim();
}
