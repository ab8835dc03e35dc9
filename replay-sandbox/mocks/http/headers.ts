/** Headers between a recording and a connection. */
import type { Header, Message } from '../../../src/domain/exchange.ts';
import { CONNECTION_HEADERS } from '../../connection-headers.ts';

/** Framing belongs to this connection, not to the recorded one. */
const LEFT_OUT: ReadonlySet<string> = new Set([...CONNECTION_HEADERS, 'te', 'trailer']);

/** What of a recorded message goes out again, in order. */
export function headersToSend({ headers }: Message): readonly Header[] {
  return headers.filter(({ name }) => !name.startsWith(':') && !LEFT_OUT.has(name));
}
