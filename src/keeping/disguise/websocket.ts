/**
 * One side of a WebSocket, disguised message by message, each in the piece in which it was whole: replays need the times. Packed again as
 * its handshake agreed; bytes that are no message are made opaque.
 */
import type { Header } from '../../domain/exchange.ts';
import { header } from '../../domain/exchange.ts';
import type { StreamMessage } from '../../wire/stream.ts';
import { contentTypeOf } from '../../wire/websocket/content-type.ts';
import { agreedDeflate } from '../../wire/websocket/deflate.ts';
import { WebSocketEncoder } from '../../wire/websocket/encode.ts';
import { asksForWebSocket } from '../../wire/websocket/exchange.ts';
import { WebSocketReader } from '../../wire/websocket/messages.ts';
import { disguiseBody } from './body.ts';
import type { Disguise } from './disguise.ts';

/** The heads of both sides. */
export interface Upgrade {
  readonly asked: readonly Header[];
  readonly answered: readonly Header[];
}

/** A close frame holds no longer reason. Bytes. */
const LONGEST_REASON = 123;
/** A mask of zeros leaves bytes as they are. */
const NO_MASK = new Uint8Array(4);

export function isUpgrade({ asked, answered }: Upgrade): boolean {
  return asksForWebSocket(header(asked, ':method') ?? 'GET', asked) && header(answered, ':status') === '101';
}

/** As many pieces as there were. */
export function disguiseWebSocket(
  pieces: readonly Uint8Array[],
  side: StreamMessage['side'],
  { answered }: Upgrade,
  disguise: Disguise,
): readonly Uint8Array[] {
  const deflate = agreedDeflate(header(answered, 'sec-websocket-extensions'))?.[side];
  const reader = new WebSocketReader({ side, deflate });
  const encoder = new WebSocketEncoder({ deflate, ...(side === 'client' && { mask: () => NO_MASK }) });
  const written = pieces.map((piece) => {
    const messages = reader.push(piece, 0).map((message) => encoder.encode(hidden(message, disguise)));
    return Buffer.concat(messages.filter((bytes) => bytes !== undefined));
  });
  const rest = reader.end();
  const last = written.at(-1);
  if (last === undefined || rest.length === 0) return written;
  return [...written.slice(0, -1), Buffer.concat([last, disguise.opaque(rest)])];
}

/** The same for what a replayed service says (replay-sandbox/mocks/websocket). */
function hidden(message: StreamMessage, disguise: Disguise): StreamMessage {
  if (message.kind === 'raw') return { ...message, bytes: disguise.opaque(message.bytes) };
  const bytes = disguiseBody(message.bytes, [{ name: 'content-type', value: contentTypeOf(message) }], disguise);
  return { ...message, bytes: message.kind === 'close' ? bytes.subarray(0, LONGEST_REASON) : bytes };
}
