import type { CaptureId } from '../domain/capture.ts';
import type { TransactionKey } from '../domain/ids.ts';
import { StreamSet } from './stream-set.ts';

/** What the index knows of one transaction. A class for the reason that Stream is one. */
export class Entry {
  /** Grows with each that is made. */
  declare readonly number: number;
  /** Every key its exchanges have carried (entry-keys.ts): at most one trace, and request ids. */
  firstKey: TransactionKey | undefined = undefined;
  firstHash = 0;
  secondKey: TransactionKey | undefined = undefined;
  secondHash = 0;
  moreKeys: TransactionKey[] | undefined = undefined;
  readonly streams = new StreamSet();
  /** Exchanges not done. */
  open = 0;
  /** Unix ms. */
  declare lastAt: number;
  /** Something came since it was last settled or copied out. */
  fresh = true;
  /** An exchange failed, or someone asked for it. Never taken back. */
  keep = false;
  /** Time of the verdict, then of the last copy: from here maxOpenMs counts. 0 while not kept. */
  keepSince = 0;
  /** The earliest time at which settlement is to look at it. */
  armedAt = Infinity;
  /** Bytes of its records in the ring. */
  heldBytes = 0;
  /** Segments that age took undecided, of streams forgotten since. */
  lost = 0;
  /** `counted`: failed, and the brake let it be counted only. */
  counted: 'not' | 'tossed' | 'kept' | 'counted' = 'not';
  /** Someone asked for it: the brake lets it pass. */
  asked = false;
  /** Another recorder's part of it is in a loop: the brake lets it pass, and what it has counted it has counted. */
  elsewhere = false;
  /** The signature it was counted under by the brake. */
  countedAs: string | undefined = undefined;
  /** Questions about bodies of its exchanges that nobody has answered yet. */
  inspecting = 0;
  /** Keys it had when history was last asked for it. */
  keysAsked = 0;
  /** Why it is kept: `failure` also when somebody asked for it by name. */
  purpose: 'failure' | 'capture' = 'capture';
  /** What was sent of it is wanted again with what comes: for another reason than before. */
  resend = false;
  /** What running captures have seen in it. */
  captured: CapturedEntry | undefined = undefined;
  /** It was offered as exemplar or ambient. */
  sampled = false;
  /** It is given up while the recorder is overloaded, unless somebody wants it (shedding.ts). */
  shed = false;
  /** In which its first part went out (numbering.ts). */
  era: number | undefined = undefined;
  /** No longer in the index; timers may still know it. */
  forgotten = false;
  /** It is at rest, in the list of those that are (settled.ts), between these two. */
  settled = false;
  before: Entry | undefined = undefined;
  after: Entry | undefined = undefined;

  constructor(at: number, number = 0) {
    this.number = number;
    this.lastAt = at;
  }
}

export interface CapturedEntry {
  /** Conditions of each capture that its heads have shown, as bits (capture-match.ts). */
  readonly shown: Map<CaptureId, number>;
  /** Captures that want it: what they asked for was seen. */
  readonly wanted: Set<CaptureId>;
}

/** As a part names them. */
export function capturesOf({ captured }: Entry): { readonly captures?: readonly CaptureId[] } {
  return captured === undefined || captured.wanted.size === 0 ? {} : { captures: [...captured.wanted] };
}

/** Of two entries that turn out to be one. */
export function joinCaptured(one: Entry['captured'], other: Entry['captured']): Entry['captured'] {
  if (one === undefined || other === undefined) return one ?? other;
  for (const [id, bits] of other.shown) one.shown.set(id, (one.shown.get(id) ?? 0) | bits);
  for (const id of other.wanted) one.wanted.add(id);
  return one;
}
