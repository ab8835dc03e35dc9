/**
 * Which recorded command answers: the same question first, then the same but for noise, then recorded order among equals, staying with the
 * recorded connection a replayed one has followed so far. How sure that is says the grade.
 */
import type { Bindings, Relation } from './bindings.ts';
import type { Grade, Nearest } from './call.ts';
import {
  mayBorrow,
  OWN,
  standingOf,
  STANDINGS,
  type Candidate,
  type Candidates,
  type Compared,
  type Following,
  type Recorded,
  type Standing,
} from './candidates.ts';
import type { Difference } from './difference.ts';
import { explainAnswer } from './explain.ts';

interface Asking<T extends Recorded> {
  readonly candidates: Candidates<T>;
  readonly shape: string;
  readonly text: string;
  /** Undefined: it is another question after all. */
  readonly compare: (candidate: Candidate<T>) => readonly Difference[] | undefined;
  readonly bindings?: Bindings;
}

/** What may answer one question. Comparing is dear where there are many of one shape: it is done when asked for, and once. */
export class Lineup<T extends Recorded> {
  readonly #asking: Asking<T>;
  readonly #compared = new Map<Standing, readonly Compared<T>[]>();

  constructor(asking: Asking<T>) {
    this.#asking = asking;
  }

  /** What asks exactly this: nothing else may answer it. A read gets its own last answer again before another's. */
  same({ follower, read }: Choosing): Compared<T> | undefined {
    const { candidates, text } = this.#asking;
    const free = (standing: Standing) => candidates.free(text, standing, follower);
    const known = candidates.asking(text);
    const last = (standing: Standing) =>
      read ? known.findLast(({ recorded }) => standingOf(recorded.source) === standing) : undefined;
    const own = free('certain') ?? free('possible') ?? last('certain') ?? last('possible');
    const hasOwn = known.some(({ recorded }) => OWN.includes(standingOf(recorded.source)));
    const other = own === undefined ? free('other') : undefined;
    const borrowed = other && mayBorrow(other.recorded.source, { read, hasOwn }) ? other : last('other');
    const candidate = own ?? borrowed;
    return candidate && { candidate, found: [] };
  }

  /** What is not served yet, and is found without looking at all: it asks the same but for noise. */
  found(standing: Standing, { follower, bindings }: Choosing): Compared<T> | undefined {
    const { candidates, text } = this.#asking;
    const recalled = bindings.recalled(text);
    const bound = recalled === text ? undefined : candidates.free(recalled, standing, follower);
    // Who asks with an id that is bound means what was recorded of it; with new ids only, what is free.
    const wanted = recalled === text ? 'free' : 'bound';
    for (const candidate of bound ? [bound] : candidates.alike(text, standing, follower)) {
      const [compared] = this.#against(candidate);
      if (compared && isNoise(compared) && bindings.relation(compared.found) === wanted) return compared;
    }
    return undefined;
  }

  compared(standing: Standing): readonly Compared<T>[] {
    const { candidates, shape } = this.#asking;
    const compared =
      this.#compared.get(standing) ??
      candidates.ofShape(shape, standing).flatMap((candidate) => this.#against(candidate));
    this.#compared.set(standing, compared);
    return compared;
  }

  /** The surest first, each in recorded order. */
  all(): readonly Compared<T>[] {
    return STANDINGS.flatMap((standing) => this.compared(standing));
  }

  #against(candidate: Candidate<T>): readonly Compared<T>[] {
    const { compare, bindings } = this.#asking;
    const found = compare(candidate);
    return found === undefined ? [] : [{ candidate, found: bindings?.noted(found) ?? found }];
  }
}

type Accept = (compared: Pick<Compared<Recorded>, 'found'>) => boolean;

const isSame: Accept = ({ found }) => found.length === 0;
export const isNoise: Accept = ({ found }) => found.every(({ noise }) => noise);

export interface Choosing {
  readonly follower: Following;
  /** It changes nothing: when it is asked more often than it was recorded, it gets its last recorded answer again. */
  readonly read: boolean;
  readonly bindings: Bindings;
}

/** Undefined: nothing recorded asks the same, or the same but for noise. */
export function choose<T extends Recorded>(lineup: Lineup<T>, choosing: Choosing): Compared<T> | undefined {
  const again = (standings: readonly Standing[]): Compared<T> | undefined => {
    if (!choosing.read) return undefined;
    const noisy = standings.flatMap((standing) => lineup.compared(standing)).filter(isNoise);
    const of = (relation: Relation) => noisy.findLast(({ found }) => choosing.bindings.relation(found) === relation);
    // With an id that is bound to another it asks of something else.
    return noisy.findLast(isSame) ?? of('bound') ?? of('free');
  };
  return (
    lineup.same(choosing) ??
    next(lineup, 'certain', choosing) ??
    next(lineup, 'possible', choosing) ??
    again(OWN) ??
    borrowed(lineup, choosing) ??
    again(['other'])
  );
}

function borrowed<T extends Recorded>(lineup: Lineup<T>, choosing: Choosing): Compared<T> | undefined {
  const { read } = choosing;
  const hasOwn = !read && OWN.some((standing) => lineup.compared(standing).some(isNoise));
  return read || !hasOwn
    ? next(lineup, 'other', choosing, ({ source }) => mayBorrow(source, { read, hasOwn }))
    : undefined;
}

function next<T extends Recorded>(
  lineup: Lineup<T>,
  standing: Standing,
  choosing: Choosing,
  may: (recorded: T) => boolean = () => true,
): Compared<T> | undefined {
  const found = lineup.found(standing, choosing);
  if (found !== undefined && may(found.candidate.recorded)) return found;
  const { follower, read, bindings } = choosing;
  const among = lineup.compared(standing).filter(({ candidate }) => may(candidate.recorded));
  const isBound: Accept = (entry) => isNoise(entry) && bindings.relation(entry.found) === 'bound';
  const isFree: Accept = (entry) => isNoise(entry) && bindings.relation(entry.found) === 'free';
  return (
    pick(among, follower, isSame) ??
    pick(among, follower, isBound) ??
    (read ? among.findLast(isBound) : undefined) ??
    pick(among, follower, isFree)
  );
}

/** Not served yet: of the followed connection, else the first. */
export function pick<T extends Recorded>(
  compared: readonly Compared<T>[],
  follower: Following,
  accept: Accept = () => true,
): Compared<T> | undefined {
  const unserved = compared.filter((entry) => entry.candidate.served === 0 && accept(entry));
  // What is lent is still there, behind the others.
  const unlent = unserved.filter(({ candidate }) => candidate.lent === 0);
  const free = unlent.length > 0 ? unlent : unserved;
  return free.find(({ candidate }) => candidate.recorded.conversation === follower.conversation) ?? free[0];
}

/** As it is given. */
export interface Served<T> {
  readonly recorded: T;
  readonly grade: Grade;
  readonly explanation: readonly string[];
  /** How the question differs from the recorded one, noise too. */
  readonly found: readonly Difference[];
}

/** Of what is not served yet, the one with the fewest differences; of equals that of the followed connection, else the first. */
export function leastApart<T extends Recorded>(
  compared: readonly Compared<T>[],
  follower: Following,
): Compared<T> | undefined {
  const apart = ({ found }: Compared<T>): number => found.filter(({ noise }) => !noise).length;
  const free = compared.filter(({ candidate }) => candidate.served === 0);
  const least = free.reduce((so, entry) => Math.min(so, apart(entry)), Infinity);
  return pick(
    free.filter((entry) => apart(entry) === least),
    follower,
  );
}

/** Certainly the transaction's own, of one kind. */
export function kinOf<T extends Recorded & { readonly onlySame?: true | undefined }>(
  compared: readonly Compared<T>[],
): readonly Compared<T>[] {
  return compared.filter(({ candidate: { recorded } }) => recorded.source === 'loop' && recorded.onlySame !== true);
}

/** What is said of a miss. */
export function nearestOf<T extends Recorded & { readonly command: { readonly id: string } }>(
  compared: readonly Compared<T>[],
): Nearest | undefined {
  const nearest = leastApart(
    compared.filter(({ candidate }) => candidate.recorded.source === 'loop'),
    {},
  );
  return nearest && { exchange: nearest.candidate.recorded.command.id, found: nearest.found };
}

/**
 * Counts it as served. `rewritten` passes each part of its answer through `replace`, or what has a length of its own through `text` (Latin-1), so
 * that it speaks of the ids that the service made anew.
 */
export function serve<T extends Recorded>(
  { candidate, found }: Compared<T>,
  { follower, bindings: known }: Pick<Choosing, 'follower' | 'bindings'>,
  rewritten: (recorded: T, replace: (bytes: Uint8Array) => Uint8Array, text: (value: string) => string) => T,
): Served<T> {
  const { recorded } = candidate;
  const isLent = !isNoise({ found }) || (found.length > 0 && standingOf(recorded.source) === 'other');
  if (isLent) candidate.lent += 1;
  else candidate.served += 1;
  if (recorded.source === 'loop') follower.conversation = recorded.conversation;
  const bindings = isLent ? known.copy() : known;
  bindings.bind(found);
  const anew = new Set<string>();
  const given = rewritten(
    recorded,
    (bytes) => bindings.replaced(bytes, anew),
    (text) => bindings.rewritten(text, anew),
  );
  const explanation = explainAnswer(candidate, found, [...anew]);
  return { recorded: given, grade: gradeOf({ candidate, found }, anew.size > 0), explanation, found };
}

function gradeOf<T extends Recorded>({ candidate, found }: Compared<T>, rewritten: boolean): Grade {
  if (!isNoise({ found })) return 'drifted';
  const standing = standingOf(candidate.recorded.source);
  if (standing === 'other') return 'borrowed';
  const exact = found.length === 0 && standing === 'certain' && candidate.served === 1 && !rewritten;
  return exact ? 'exact' : 'normalised';
}
