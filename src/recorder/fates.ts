/**
 * What becomes of a segment. Every segment that reaches the recorder (one call of `opened`, `message` or `log`, and one end per stream) has
 * exactly one fate at any time, counted in segments and in bytes of its record (header, payload and padding):
 *
 * - `inFlight`    held, and nothing decided: its transaction is not settled, or it is of a conversation and no transaction asked for it yet
 * - `kept`        copied out for a failure, or for a keep from elsewhere
 * - `tossed`      its transaction went well; or its conversation's bytes aged with no transaction asking for them
 * - `history`     age took it before anything was decided, and the history behind the ring has it (history.ts)
 * - `overwritten` age took it before anything was decided, from the ring where there is no history, else from that
 * - `shed`        never held: beyond a budget, too large, or of a stream that is not known
 *
 * Fates change only so: inFlight → kept | tossed | history | overwritten, history → kept | overwritten, and tossed → kept when a late failure finds the
 * bytes still there. Bytes of connections that history gives stay tossed.
 * Copies for exemplars and ambient traffic change no fate. What the recorder writes itself (gaps, repeated state) is no segment received.
 */
export const Fate = { inFlight: 0, kept: 1, tossed: 2, overwritten: 3, shed: 4, history: 5, own: 6 } as const;
export type Fate = (typeof Fate)[keyof typeof Fate];

export interface Tally {
  readonly segments: number;
  readonly bytes: number;
}

export interface FateTallies {
  readonly received: Tally;
  readonly inFlight: Tally;
  readonly kept: Tally;
  readonly tossed: Tally;
  readonly history: Tally;
  readonly overwritten: Tally;
  readonly shed: Tally;
}

/** Counts fates so that received = inFlight + kept + tossed + history + overwritten + shed, always. `own` is not counted. */
export class Fates {
  readonly #segments = new Float64Array(6);
  readonly #bytes = new Float64Array(6);
  #receivedSegments = 0;
  #receivedBytes = 0;

  received(fate: typeof Fate.inFlight | typeof Fate.shed | typeof Fate.tossed, bytes: number): void {
    this.#receivedSegments += 1;
    this.#receivedBytes += bytes;
    this.#add(fate, 1, bytes);
  }

  changed(from: Fate, to: Fate, bytes: number): void {
    this.#add(from, -1, -bytes);
    this.#add(to, 1, bytes);
  }

  /** The same for many at once. */
  moved(from: Fate, to: Fate, { segments, bytes }: Tally): void {
    this.#add(from, -segments, -bytes);
    this.#add(to, segments, bytes);
  }

  tallies(): FateTallies {
    return {
      received: { segments: this.#receivedSegments, bytes: this.#receivedBytes },
      inFlight: this.#tally(Fate.inFlight),
      kept: this.#tally(Fate.kept),
      tossed: this.#tally(Fate.tossed),
      history: this.#tally(Fate.history),
      overwritten: this.#tally(Fate.overwritten),
      shed: this.#tally(Fate.shed),
    };
  }

  #add(fate: Fate, segments: number, bytes: number): void {
    if (fate === Fate.own) return;
    this.#segments[fate] = (this.#segments[fate] ?? 0) + segments;
    this.#bytes[fate] = (this.#bytes[fate] ?? 0) + bytes;
  }

  #tally(fate: Fate): Tally {
    return { segments: this.#segments[fate] ?? 0, bytes: this.#bytes[fate] ?? 0 };
  }
}
