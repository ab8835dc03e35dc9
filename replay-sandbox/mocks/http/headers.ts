/** Headers between a recording and a connection. */
import type { Header, Message } from '../../../src/domain/exchange.ts';

/** Framing belongs to this connection, not to the recorded one (RFC 9110 section 7.6.1). */
const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
  'http2-settings',
  'te',
  'trailer',
]);

/** What of a recorded message goes out again, in order. */
export function headersToSend({ headers }: Message): readonly Header[] {
  return headers.filter(({ name }) => !name.startsWith(':') && !CONNECTION_HEADERS.has(name));
}
