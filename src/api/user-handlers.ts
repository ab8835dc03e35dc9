/** Timelines, erasures and the audit, in the words of the API. */
import type { Acted } from './acts.ts';
import type { AuditReader } from './audit-reader.ts';
import { ApiError } from './error.ts';
import { attempt, unavailable } from './failures.ts';
import type { LoopApi } from './port.ts';
import { eraseUser, timelineOf, type TimelineSeen, type UsersOptions } from './users.ts';

/** `sees`: what whoever asks sees of a timeline. */
export function userHandlers(
  users: UsersOptions | undefined,
  acts: AuditReader | undefined,
  sees: TimelineSeen,
  acted: Acted,
): Pick<LoopApi, 'timeline' | 'erase' | 'audit'> {
  return {
    timeline:
      users === undefined ? unavailable('timeline') : (asked) => attempt(() => timelineOf(users, asked, sees, acted)),
    erase: users === undefined ? unavailable('erasure') : (asked) => attempt(() => eraseUser(users, asked, acted)),
    audit:
      acts === undefined
        ? unavailable('audit')
        : ({ limit, cursor, actor, act }) =>
            attempt(async () => {
              const before = cursor === undefined ? undefined : sequenceIn(cursor);
              await acted('audit', {});
              const { entries, next, chain } = await acts.page({
                limit,
                ...(before !== undefined && { before }),
                ...(actor !== undefined && { actor }),
                ...(act !== undefined && { act }),
              });
              return { entries, ...(next !== undefined && { next: String(next) }), chain };
            }),
  };
}

function sequenceIn(cursor: string): number {
  if (/^\d{1,15}$/.test(cursor)) return Number(cursor);
  throw new ApiError('invalid', 'That is no cursor of an audit: it is the "next" of the page before.');
}
