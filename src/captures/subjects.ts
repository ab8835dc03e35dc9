/** Every user that a recording shows, as digests: to find again what is stored of somebody. */
import { createHmac } from 'node:crypto';
import type { Place, UserPlaces } from '../domain/capture.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { UserKey } from '../seal/keys.ts';
import { usersIn } from '../wire/users/head.ts';
import { JwtReader } from '../wire/users/jwt.ts';
import type { Subject } from '../../storage/subjects.ts';
import { headsOf } from './trees.ts';

const DIGEST_BYTES = 16;

export interface Subjects {
  of(user: string): Subject;
  /** Of every exchange, at every place, not only at the first that shows one: what is missed here cannot be erased. */
  in(transaction: Pick<Transaction, 'exchanges'>): readonly Subject[];
}

export function subjectsBy(key: UserKey, places: UserPlaces): Subjects {
  const jwt = new JwtReader();
  const of = (user: string): Subject =>
    createHmac('sha256', key.bytes).update(user).digest().subarray(0, DIGEST_BYTES).toString('hex');
  const alone = places.ids.map((place): UserPlaces => ({ ...places, ids: [place] as readonly Place[] }));
  return {
    of,
    in: ({ exchanges }) => {
      const heads = exchanges.flatMap(headsOf);
      const users = heads.flatMap((head) => alone.flatMap((place) => usersIn(head, place, jwt)));
      return [...new Set(users)].map(of).toSorted();
    },
  };
}
