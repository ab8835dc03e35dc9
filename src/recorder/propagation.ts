/** What each service does with the context it is given, as its outbound exchanges show. */
import { forgetOldest } from '../domain/bounded.ts';

/** Counts: outbound exchanges made while an inbound one was open that shared its context, and that did not. */
export interface Propagation {
  readonly carried: number;
  readonly dropped: number;
}

/** Services, and kinds of call, remembered; the one not seen for longest is forgotten first. */
const SERVICES = 256;
const KINDS = 1024;
/** Beyond so many, counts are halved: what was true weeks ago gives way. */
const ENOUGH = 1000;
/** So many calls of a kind made while nobody was served, of such a share, make it a kind that its service makes by itself. */
const LONELY_CALLS = 3;
const LONELY_SHARE = 0.02;

interface Counts {
  one: number;
  other: number;
}

export class PropagationRecord {
  readonly #services = new Map<string, Counts>();
  readonly #kinds = new Map<string, Counts>();

  /** `kind`: service, peer, method and route of the call. `served`: an inbound exchange was open at its instance. */
  note(
    service: string,
    kind: string,
    { served, carried }: { readonly served: boolean; readonly carried: boolean },
  ): void {
    if (carried || served) count(this.#services, service, carried, SERVICES);
    if (!carried) count(this.#kinds, kind, !served, KINDS);
  }

  of(service: string): Propagation {
    const { one: carried, other: dropped } = this.#services.get(service) ?? { one: 0, other: 0 };
    return { carried, dropped };
  }

  /** Its service makes such calls by itself. */
  isLonely(kind: string): boolean {
    const { one: alone, other: beside } = this.#kinds.get(kind) ?? { one: 0, other: 0 };
    return alone >= LONELY_CALLS && alone / (alone + beside) >= LONELY_SHARE;
  }
}

function count(all: Map<string, Counts>, key: string, isOne: boolean, limit: number): void {
  const counts = all.get(key) ?? { one: 0, other: 0 };
  if (isOne) counts.one += 1;
  else counts.other += 1;
  if (counts.one + counts.other > ENOUGH) {
    counts.one /= 2;
    counts.other /= 2;
  }
  all.delete(key);
  all.set(key, counts);
  forgetOldest(all, limit);
}
