/** Which conditions of a capture the heads of a transaction show. A transaction that shows all is a candidate: whose it is, is decided on its tree. */
import type { Pair, Place, UserPlaces } from '../domain/capture.ts';
import { headerNames, sessionsIn, usersIn, valuesAt } from '../wire/users/head.ts';
import type { Head } from '../wire/users/head.ts';
import type { JwtReader } from '../wire/users/jwt.ts';
import type { WatchedCapture } from './capture-order.ts';

export class CaptureMatch {
  readonly id: WatchedCapture['id'];
  readonly until: number;
  /** All conditions. */
  readonly whole: number;
  /** What has to stand in a request body, and the bit it sets: read only when it does. */
  readonly bodies: readonly { readonly bit: number; readonly text: string }[];
  readonly user: string | undefined;
  readonly #pairs: readonly Pair[];
  readonly #sessions: ReadonlySet<string>;
  readonly #places: UserPlaces;

  constructor({ id, until, select, sessions }: WatchedCapture, places: UserPlaces) {
    this.id = id;
    this.until = until;
    this.user = select.user;
    this.#pairs = select.pairs;
    this.#sessions = new Set(sessions);
    this.#places = places;
    const idInBody = select.user !== undefined && places.ids.some(({ kind }) => kind === 'json');
    this.bodies = [
      ...(idInBody ? [{ bit: 1, text: select.user }] : []),
      ...select.pairs.flatMap(({ place, value }, index) =>
        place.kind === 'json' ? [{ bit: bitOf(index), text: value }] : [],
      ),
    ];
    const all = select.pairs.reduce((bits, _, index) => bits | bitOf(index), 0);
    this.whole = select.user === undefined ? all : all | 1;
  }

  /** Conditions the head shows, as bits: 1 the user or a session, then the pairs. */
  in(head: Head, jwt: JwtReader): number {
    let bits = 0;
    if (this.user !== undefined && this.#isUsers(head, jwt)) bits |= 1;
    for (const [index, { place, value }] of this.#pairs.entries())
      if (place.kind !== 'json' && valuesAt(place, head, jwt).includes(value)) bits |= bitOf(index);
    return bits;
  }

  #isUsers(head: Head, jwt: JwtReader): boolean {
    if (this.user !== undefined && usersIn(head, this.#places, jwt).includes(this.user)) return true;
    if (this.#sessions.size === 0) return false;
    return sessionsIn(head, this.#places).some((session) => this.#sessions.has(session));
  }
}

function bitOf(index: number): number {
  return 2 << index;
}

/** Headers that are read while these captures run. */
export function namesFor(places: UserPlaces, captures: readonly WatchedCapture[]): readonly string[] {
  const asked: readonly Place[] = captures.flatMap(({ select }) => select.pairs.map(({ place }) => place));
  return headerNames([...places.ids, ...places.sessions, ...asked]);
}
