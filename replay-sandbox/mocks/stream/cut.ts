/** A recording that does not hold all that was said on a stream. */
import type { Exchange } from '../../../src/domain/exchange.ts';
import type { StreamSide } from '../../../src/wire/stream.ts';
import type { Played } from './playback.ts';

/** Of which sides it lacks a rest. */
export type Cut = Readonly<Record<StreamSide, boolean>>;

/** Why a side could not be read to its end; a side that ended in the middle of something is no such one. */
export type Unread = Readonly<Partial<Record<StreamSide, string>>>;

const WHOLE: Cut = { client: false, server: false };
const SIDES: readonly StreamSide[] = ['server', 'client'];

export function cutOf({ gaps }: Pick<Exchange, 'gaps'>): Cut {
  const has = (side: StreamSide): boolean => gaps.some((gap) => gap.side === side);
  return { client: has('client'), server: has('server') };
}

/** What was not recorded was neither sent nor compared: that is said, and no such stream went exactly as it did. */
export function lacking(played: Played, cut: Cut = WHOLE, unread: Unread = {}): Played {
  const lines = SIDES.flatMap((side) => [
    ...(cut[side] ? [lacks(side)] : []),
    ...(unread[side] === undefined ? [] : [`what the ${side} sent was not readable to its end (${unread[side]})`]),
  ]);
  if (lines.length === 0) return played;
  const compared = played.grade === 'exact' ? 'normalised' : played.grade;
  return {
    ...played,
    grade: cut.server || unread.server !== undefined ? 'drifted' : compared,
    explanation: [...lines, ...played.explanation],
  };
}

export function lacks(side: StreamSide): string {
  return `the recording lacks the rest of what the ${side} sent`;
}
