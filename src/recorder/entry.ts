import type { CaptureId } from '../domain/capture.ts';
import type { TransactionKey } from '../domain/ids.ts';
import { StreamSet } from './stream-set.ts';

/** What the index knows of one transaction. */
export interface Entry {
  /** Grows with each that is made. */
  readonly number: number;
  /** Every key its exchanges have carried (entry-keys.ts): at most one trace, and request ids. */
  firstKey: TransactionKey | undefined;
  firstHash: number;
  secondKey: TransactionKey | undefined;
  secondHash: number;
  moreKeys: TransactionKey[] | undefined;
  readonly streams: StreamSet;
  /** Exchanges not done. */
  open: number;
  /** Unix ms. */
  lastAt: number;
  /** Something came since it was last settled or copied out. */
  fresh: boolean;
  /** An exchange failed, or someone asked for it. Never taken back. */
  keep: boolean;
  /** Time of the verdict, then of the last copy: from here maxOpenMs counts. 0 while not kept. */
  keepSince: number;
  /** The earliest time at which settlement is to look at it. */
  armedAt: number;
  /** Bytes of its records in the ring. */
  heldBytes: number;
  /** Segments that age took undecided, of streams forgotten since. */
  lost: number;
  /** `counted`: failed, and the brake let it be counted only. */
  counted: 'not' | 'tossed' | 'kept' | 'counted';
  /** Someone asked for it: the brake lets it pass. */
  asked: boolean;
  /** Another recorder's part of it is in a loop: the brake lets it pass, and what it has counted it has counted. */
  elsewhere: boolean;
  /** The signature it was counted under by the brake. */
  countedAs: string | undefined;
  /** Questions about bodies of its exchanges that nobody has answered yet. */
  inspecting: number;
  /** Keys it had when history was last asked for it. */
  keysAsked: number;
  /** Why it is kept: `failure` also when somebody asked for it by name. */
  purpose: 'failure' | 'capture';
  /** What was sent of it is wanted again with what comes: for another reason than before. */
  resend: boolean;
  /** What running captures have seen in it. */
  captured: CapturedEntry | undefined;
  /** It was offered as exemplar or ambient. */
  sampled: boolean;
  /** It is given up while the recorder is overloaded, unless somebody wants it (shedding.ts). */
  shed: boolean;
  /** In which its first part went out (numbering.ts). */
  era: number | undefined;
  /** No longer in the index; timers may still know it. */
  forgotten: boolean;
  /** It is at rest, in the list of those that are (settled.ts), between these two. */
  settled: boolean;
  before: Entry | undefined;
  after: Entry | undefined;
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

export function createEntry(at: number, number = 0): Entry {
  return {
    number,
    firstKey: undefined,
    firstHash: 0,
    secondKey: undefined,
    secondHash: 0,
    moreKeys: undefined,
    streams: new StreamSet(),
    open: 0,
    lastAt: at,
    fresh: true,
    keep: false,
    keepSince: 0,
    armedAt: Infinity,
    heldBytes: 0,
    lost: 0,
    counted: 'not',
    asked: false,
    elsewhere: false,
    countedAs: undefined,
    inspecting: 0,
    keysAsked: 0,
    purpose: 'capture',
    resend: false,
    captured: undefined,
    sampled: false,
    shed: false,
    era: undefined,
    forgotten: false,
    settled: false,
    before: undefined,
    after: undefined,
  };
}
