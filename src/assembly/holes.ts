/** What is known to be missing of a connection, in words. */
import type { Bytes, Conversation } from '../domain/conversation.ts';
import type { Hole } from '../domain/transaction.ts';
import { conversationProtocol } from '../wire/protocols.ts';

export function conversationHoles(conversation: Conversation): readonly Hole[] {
  const { id, peer, protocol, vantage, gaps, bytes: pieces } = conversation;
  const hole = (what: string): Hole => ({ where: id, what: `${peer.name}: ${what}` });
  if (speaksTls(conversation))
    return [hole(`TLS that ${vantage.service} speaks itself: nothing in it can be read, or answered in a replay`)];
  const isRead = conversationProtocol(protocol) !== undefined;
  // Between two anchors lies what was not asked for; anywhere else what was lost.
  const lost = isRead && pieces.some(({ lostBefore, anchor }) => lostBefore === true && anchor !== true);
  return [
    ...(isRead ? [] : [hole(`a ${protocol} connection that no codec reads`)]),
    ...(lost ? [hole('a connection is recorded in pieces: what was asked in between is not known')] : []),
    ...gaps.map(({ bytes, side, reason }) =>
      hole(`${bytes} bytes ${side === 'client' ? 'from' : 'to'} ${vantage.service} were not kept (${reason})`),
    ),
  ];
}

/** What a client of Postgres asks with before TLS begins, and what the server says to it. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
const YES = 0x53;

function speaksTls({ bytes }: Conversation): boolean {
  const client = firstOf(bytes, 'client');
  if (SSL_REQUEST.every((byte, index) => client?.[index] === byte)) return firstOf(bytes, 'server')?.[0] === YES;
  // A record of TLS 1.0 or later: the handshake, or what follows it on a connection that is older than the recording.
  // https://www.rfc-editor.org/rfc/rfc8446#section-5.1
  const kind = client?.[0] ?? 0;
  return kind >= 0x14 && kind <= 0x17 && client?.[1] === 0x03;
}

function firstOf(bytes: readonly Bytes[], side: Bytes['side']): Uint8Array | undefined {
  return bytes.find((one) => one.side === side)?.bytes;
}
