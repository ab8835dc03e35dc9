/**
 * The numbers of streams. A record has 32 bits for one, which 20,000 calls a second spend in two and a half days; so numbers come again, and
 * (recorder, stream) still names one stream for ever: every 2^30 numbers an *era* begins, in which the recorder goes by another name
 * (nameInEra). Streams that live keep their number under the new name, and nobody else is given it.
 */
import { nameInEra, type RecorderId } from '../domain/ids.ts';

const ERAS = 4;
/** 0 is no stream. */
const FIRST = 1;

export interface NumberingPort {
  readonly recorder: RecorderId;
  /** Numbers given before the first; 0 but in tests. */
  readonly before: number;
  /** In an era; 2^30 but in tests. */
  readonly eraNumbers?: number;
  /** Every number that something here still knows a stream by. */
  readonly living: () => Iterable<number>;
  /** A new era has begun. What was written down two eras ago is to be forgotten before the next one begins. */
  readonly entered: () => void;
}

export class Numbering {
  readonly #port: NumberingPort;
  readonly #eraNumbers: number;
  readonly #firstEra: number;
  #era: number;
  #last: number;
  #end: number;
  /** Not to be given in this era, in the next, and in the one after that: history may know what lived when that was still far. */
  #taken: readonly [Set<number>, Set<number>, Set<number>] = [new Set(), new Set(), new Set()];

  constructor(port: NumberingPort) {
    const { before, eraNumbers = 2 ** 30 } = port;
    this.#port = port;
    this.#eraNumbers = eraNumbers;
    this.#era = Math.floor(before / eraNumbers);
    this.#firstEra = this.#era;
    this.#last = before % (eraNumbers * ERAS);
    this.#end = this.#from() + eraNumbers;
  }

  next(): number {
    do {
      this.#last += 1;
      if (this.#last === this.#end) this.#enter();
    } while (this.#taken[0].size > 0 && this.#taken[0].has(this.#last));
    return this.#last;
  }

  /** Eras begun since the start. */
  get era(): number {
    return this.#era - this.#firstEra;
  }

  get recorder(): RecorderId {
    return this.nameFor(this.era);
  }

  /** What goes out in pieces keeps its name a little longer than others: `since` is the era of its first piece. */
  nameFor(since: number): RecorderId {
    return nameInEra(this.#port.recorder, Math.max(since, this.era - 1));
  }

  #enter(): void {
    this.#era += 1;
    const from = this.#from();
    this.#last = Math.max(from, FIRST);
    this.#end = from + this.#eraNumbers;
    const [, now, next] = this.#taken;
    const later = new Set<number>();
    for (const number of this.#port.living()) {
      const ahead = (Math.floor(number / this.#eraNumbers) - (this.#era % ERAS) + ERAS) % ERAS;
      if (ahead === 1) next.add(number);
      else if (ahead === 2) later.add(number);
    }
    this.#taken = [now, next, later];
    this.#port.entered();
  }

  /** Where the numbers of this era begin. */
  #from(): number {
    return (this.#era % ERAS) * this.#eraNumbers;
  }
}
