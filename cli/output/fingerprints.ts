/** What was counted of failures, kept or not. */
import type { FingerprintSummary, VersionCount } from '../../src/domain/fingerprint.ts';
import type { Column } from './format.ts';
import { printable } from './format.ts';

/** In one line. */
const VERSIONS_SHOWN = 3;

export const FINGERPRINT_COLUMNS: readonly Column<FingerprintSummary>[] = [
  { title: 'FINGERPRINT', text: (one) => one.fingerprint },
  { title: 'LAST', text: (one) => moment(one.lastSeenAt) },
  { title: 'SEEN', text: seenText },
  { title: 'KEPT', text: (one) => String(one.kept) },
  { title: 'USERS', text: (one) => usersText(one) },
  { title: 'ORIGIN', text: (one) => one.service },
  { title: 'REQUEST', text: (one) => `${one.method} ${one.route}` },
  { title: 'FAILURE', text: (one) => one.summary },
  { title: 'NEWEST', text: (one) => one.newest ?? '-' },
  { title: 'FIRST', text: (one) => moment(one.firstSeenAt), wide: true },
  { title: 'KIND', text: (one) => one.kind, wide: true },
  { title: 'VERSIONS', text: (one) => versionsText(one.versions), wide: true },
];

/** `×20,000`, with `~` when some of them may have been another failure. */
export function seenText({ seen, guessed }: Pick<FingerprintSummary, 'seen' | 'guessed'>): string {
  return `${guessed > 0 ? '~' : ''}×${grouped(seen)}`;
}

/** `seen 20,000 times since 2026-01-31 12:00:00, by 17 users, versions pricing@1.2.0 (19,998), pricing@1.3.0 (2)` */
export function seenLine(one: FingerprintSummary): string {
  const times = `seen ${one.guessed > 0 ? 'about ' : ''}${grouped(one.seen)} time${one.seen === 1 ? '' : 's'}`;
  const users = one.users === 0 ? [] : [`by ${usersSentence(one)}`];
  const versions = one.versions.length === 0 ? [] : [`versions ${versionsText(one.versions)}`];
  return [`${times} since ${moment(one.firstSeenAt)}`, ...users, ...versions].join(', ');
}

function usersText({ users, moreUsers, unread }: FingerprintSummary): string {
  if (users === 0) return '-';
  return `${users}${moreUsers || unread > 0 ? '+' : ''}`;
}

function usersSentence({ users, moreUsers, unread }: FingerprintSummary): string {
  const least = !moreUsers && unread > 0 ? 'at least ' : '';
  return `${least}${grouped(users)}${moreUsers ? '+' : ''} user${users === 1 ? '' : 's'}`;
}

function versionsText(versions: readonly VersionCount[]): string {
  const shown = versions
    .slice(0, VERSIONS_SHOWN)
    .map(({ version, seen }) => `${printable(version)} (${grouped(seen)})`);
  const more = versions.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

function moment(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19);
}

function grouped(number: number): string {
  return number.toLocaleString('en-US');
}
