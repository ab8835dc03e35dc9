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

/** A connection that was there and was not recorded from `since` (Unix ms) on. */
export function unrecordedHole({ id, peer, startedAt }: Conversation, since: number): Hole {
  const name = peer.port === undefined || peer.port === 0 ? peer.name : `${peer.name}:${peer.port}`;
  const began = `a connection to ${name} that began ${clockTime(startedAt)}`;
  // Its recording broke off later than it began; a moment is the difference of two clocks.
  const what =
    since > startedAt + 1000
      ? `${began} was not recorded from ${clockTime(since)} on: its commands are missing`
      : `${began}, before it could be recorded: its commands are missing`;
  return { where: id, what };
}

/** UTC; of bytes of others, so also what is no time. */
function clockTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime())
    ? 'at an unknown time'
    : `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
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
