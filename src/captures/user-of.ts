/** Whose a transaction is, by `users:` of loopd.yaml: for counts of users, which keep no more of it than a digest. */
import type { UserPlaces } from '../domain/capture.ts';
import type { UserOf } from '../verdict/user.ts';
import { JwtReader } from '../wire/users/jwt.ts';
import { treesShown, userOf } from './trees.ts';

/** The one user that the entry's tree shows; undefined when it shows none, or several. */
export function userOfEntry(places: UserPlaces): UserOf {
  const jwt = new JwtReader();
  return (transaction) => {
    const entry = treesShown(transaction, { places, jwt }).find(({ root }) => root === transaction.entry);
    return entry && userOf(entry);
  };
}
