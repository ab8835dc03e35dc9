/** Which recorded command each notification followed, so that a replay sends it when that command has been answered. */
import type { Command, Conversation } from '../../../../src/domain/conversation.ts';
import { firstWords } from '../../../../src/wire/postgres/language/sql.ts';
import { recordedNotifications, type Notification } from '../../../../src/wire/postgres/language/notifications.ts';

/** Sent to every connection that listens. */
export interface Announcement {
  readonly channel: string;
  readonly payload: string;
  /** Of the recorded server process that notified. */
  readonly process: number;
  /** From the answer of the command to its arrival. */
  readonly afterMs: number;
  /** The command is what notified: then the notifying process is the one that answers it. */
  readonly own: boolean;
}

const NOTIFIES = /\bnotify\b|\bpg_notify\b/i;
const ENDS = /^(?:COMMIT|END)\b/;
const BEGINS = /^(?:BEGIN|START TRANSACTION)\b/;

/** By id of the command. `commands` in recorded order, of one database as `conversations`. */
export function placeNotifications(
  commands: readonly Command[],
  conversations: readonly Conversation[],
): ReadonlyMap<string, readonly Announcement[]> {
  const perListener = conversations.map((conversation) => {
    const placed = new Map<string, Announcement[]>();
    for (const notification of recordedNotifications(conversation)) {
      const before = commands.filter(({ startedAt }) => startedAt <= notification.at);
      const notifier = notifierOf(before, notification);
      const followed = notifier ?? before.at(-1);
      if (followed === undefined) continue;
      const { channel, payload, process, at } = notification;
      const afterMs = Math.max(0, at - followed.endedAt);
      const announcement = { channel, payload, process, afterMs, own: notifier !== undefined };
      placed.set(followed.id, [...(placed.get(followed.id) ?? []), announcement]);
    }
    return placed;
  });
  return merged(perListener);
}

/** The statement that names the channel, or the end of its transaction, which is when it is sent. */
function notifierOf(before: readonly Command[], { channel, payload }: Notification): Command | undefined {
  const names = ({ summary, parameters = [] }: Command): boolean =>
    NOTIFIES.test(summary) &&
    [summary, ...parameters].some((text) => text?.toLowerCase().includes(channel.toLowerCase()));
  const says = ({ summary, parameters = [] }: Command): boolean =>
    payload !== '' && [summary, ...parameters].some((text) => text?.includes(payload));
  const named = before.filter(names);
  const notify = named.findLast(says) ?? named.at(-1);
  if (notify === undefined) return undefined;
  const own = before.filter(({ conversation }) => conversation === notify.conversation);
  const place = own.indexOf(notify);
  const began = own.slice(0, place).findLast(isBoundary);
  if (began === undefined || !BEGINS.test(firstWords(began.summary, 2))) return notify;
  return own.slice(place).find(({ summary }) => ENDS.test(firstWords(summary, 1))) ?? notify;
}

function isBoundary({ summary }: Command): boolean {
  return BEGINS.test(firstWords(summary, 2)) || /^(?:COMMIT|END|ROLLBACK|ABORT)\b/.test(firstWords(summary, 1));
}

/** Several connections that listened got the same: of each channel, what the one got that got most. */
function merged(
  perListener: readonly ReadonlyMap<string, readonly Announcement[]>[],
): ReadonlyMap<string, readonly Announcement[]> {
  const all = new Map<string, readonly Announcement[]>();
  for (const [id, found] of perListener.flatMap((placed) => [...placed])) {
    const known = all.get(id) ?? [];
    const channels = [...new Set(found.map(({ channel }) => channel))];
    const more = channels.filter((channel) => count(found, channel) > count(known, channel));
    all.set(id, [
      ...known.filter(({ channel }) => !more.includes(channel)),
      ...found.filter(({ channel }) => more.includes(channel)),
    ]);
  }
  return all;
}

function count(announcements: readonly Announcement[], channel: string): number {
  return announcements.filter((announcement) => announcement.channel === channel).length;
}
