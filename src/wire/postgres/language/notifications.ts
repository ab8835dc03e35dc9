import type { Conversation } from '../../../domain/conversation.ts';
import { decodeBackend } from '../backend.ts';
import { Session } from '../session.ts';

/** A NotificationResponse, as one connection that listens got it. */
export interface Notification {
  /** Unix ms. */
  readonly at: number;
  /** Of the server process that notified. */
  readonly process: number;
  readonly channel: string;
  readonly payload: string;
}

/** All that this connection got, within answers or while nothing was asked, oldest first. */
export function recordedNotifications(conversation: Conversation): readonly Notification[] {
  const found: Notification[] = [];
  let at = conversation.startedAt;
  const [first] = conversation.bytes;
  const midway = conversation.state.length === 0 && (first?.side === 'server' || (first?.bytes[0] ?? 0) !== 0);
  const session = new Session(
    (side, frame) => {
      const message = side === 'server' && frame.type === 'A' ? decodeBackend(frame) : undefined;
      if (message?.kind !== 'notification') return;
      const { process, channel, payload } = message;
      found.push({ at, process, channel, payload });
    },
    { midway },
  );
  for (const { side, bytes } of conversation.state) session.feed(side, bytes);
  for (const chunk of conversation.bytes) {
    at = chunk.at;
    if (chunk.lostBefore === true) session.lose();
    if (chunk.anchor === true && !session.quiet) session.resume();
    session.feed(chunk.side, chunk.bytes);
  }
  return found;
}
