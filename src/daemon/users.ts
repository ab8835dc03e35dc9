/** What loopd knows of users beyond the store: what is under way, and what memory still holds. */
import { randomBytes } from 'node:crypto';
import type { UsersOptions } from '../api/users.ts';
import type { Subjects } from '../captures/subjects.ts';
import type { Clock } from '../domain/clock.ts';
import type { Keeper } from './keeper.ts';
import type { Outage } from './outage.ts';

export interface UserParts {
  readonly subjects: Subjects;
  readonly clock: Clock;
}

export interface Recorded extends UserParts {
  readonly keeper: Pick<Keeper, 'after'>;
  readonly outage: Pick<Outage, 'write'>;
  /** How far memory and the history behind it reach back, seconds; undefined: there is none. */
  readonly reach: () => { readonly memory: number | undefined; readonly history: number | undefined };
}

/** Users of a store where nothing records. */
export function storedUsers({ subjects, clock }: UserParts): Omit<UsersOptions, 'store' | 'key' | 'captures'> {
  return { subjects, now: () => clock.now(), newName: () => `user-${randomBytes(5).toString('hex')}` };
}

export function recordedUsers(parts: Recorded): Omit<UsersOptions, 'store' | 'key' | 'captures'> {
  const { keeper, outage, reach } = parts;
  return {
    ...storedUsers(parts),
    settled: async () => {
      await new Promise<void>((resolve) => keeper.after(resolve));
      await outage.write();
    },
    stillHeld: () => {
      const { memory, history } = reach();
      return [
        ...held('The memory of the flight recorder', memory),
        ...held('The history on disk, encrypted under a key in memory,', history),
      ];
    },
  };
}

function held(what: string, seconds: number | undefined): readonly string[] {
  if (seconds === undefined) return [];
  return [
    `${what} may hold more of it until age overwrites that, in about ${Math.ceil(seconds)} s at the pace of now, and at the latest when loopd stops; none of it is kept any more.`,
  ];
}
