import type { Capture } from '../../src/domain/capture.ts';
import type { Column } from './format.ts';

/** As it was typed: `user 42, header:x-tenant=7`. */
export function selectorOf({ select: { user, pairs } }: Capture): string {
  const said = pairs.map(({ place, value }) => `${place.kind}:${place.name}=${value}`);
  return [...(user === undefined ? [] : [`user ${user}`]), ...said].join(', ') || '?';
}

/** `running`, or how it ended. */
export function captureState({ endedBy }: Capture): string {
  return endedBy === undefined ? 'running' : `ended by ${endedBy}`;
}

function time(at: number | undefined): string {
  return at === undefined ? '-' : new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

export const CAPTURE_COLUMNS: readonly Column<Capture>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'USER', text: selectorOf },
  { title: 'STATE', text: captureState },
  { title: 'UNTIL', text: ({ endedAt, until }) => time(endedAt ?? until) },
  { title: 'BACK TO', text: ({ reachedBackTo }) => time(reachedBackTo) },
  {
    title: 'TRANSACTIONS',
    text: ({ transactions, failed }) => (failed === 0 ? `${transactions}` : `${transactions} (${failed} failed)`),
  },
  { title: 'BYTES', text: ({ bytes }) => String(bytes) },
  { title: 'WHO', text: ({ who }) => who || '?' },
  { title: 'REASON', text: ({ reason }) => reason },
  { title: 'STARTED', text: ({ startedAt }) => time(startedAt), wide: true },
  { title: 'NOT WHOLE', text: ({ notWhole }) => String(notWhole), wide: true },
  { title: 'LEFT OUT', text: ({ leftOut }) => String(leftOut), wide: true },
];
