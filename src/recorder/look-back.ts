import type { TransactionKey } from '../domain/ids.ts';
import type { Entry } from './entry.ts';
import { capturesOf } from './entry.ts';
import { keysOf } from './entry-keys.ts';
import type { Holding } from './holding.ts';
import type { HistoryHead, HistoryLink, HistoryQuestion, Rest, Window } from './history.ts';
import type { RecorderLimits, Schedule } from './options.ts';
import { aliasesOf } from './parts.ts';
import type { PartWriter } from './parts.ts';
import type { Ranges } from './ranges.ts';
import type { Registry } from './registry.ts';
import { emptySelection } from './selection.ts';
import { Spill } from './spill.ts';

export interface LookBackPort {
  readonly holding: Holding;
  readonly registry: Registry;
  readonly ranges: Ranges;
  readonly parts: PartWriter;
  readonly limits: RecorderLimits;
  readonly schedule: Schedule;
  readonly link: HistoryLink;
}

type Asked = Pick<HistoryHead, 'purpose' | 'transaction' | 'aliases' | 'captures'> &
  Partial<Pick<HistoryHead, 'recorder'>> &
  Pick<HistoryQuestion, 'keys' | 'near' | 'windows' | 'lost'>;

/** As often as a recorder notes the state of a connection. */
const PER_LAP = 16;

/** Asks the history behind the ring for what memory does not have (any more). */
export class LookBack {
  readonly spill: Spill;
  readonly #port: LookBackPort;

  constructor(port: LookBackPort) {
    const { holding, link, schedule } = port;
    this.#port = port;
    this.spill = new Spill({
      fates: holding.fates,
      link,
      schedule,
      repeatBytes: holding.ring.capacity / PER_LAP,
      rest: (question, rests) => this.#sendRest(question, rests),
      unanswered: ({ head, lost }) => port.parts.send({ ...head, overwritten: lost }, emptySelection()),
    });
    holding.spillInto(this.spill);
  }

  /**
   * A kept transaction is copied out. True when history is asked for the rest: then it tells what of `lost` is overwritten. It is not asked
   * again unless something has aged since, or another key has shown.
   */
  forKept(entry: Entry, transaction: TransactionKey, lost: number): boolean {
    const windows = this.#agedWindows(entry);
    if (lost === 0 && windows.length === 0 && keysOf(entry).length <= entry.keysAsked) return false;
    entry.keysAsked = keysOf(entry).length;
    const aliases = aliasesOf(keysOf(entry), transaction);
    const { purpose } = entry;
    const recorder = this.#port.parts.nameFor(entry);
    const about = { recorder, purpose, transaction, aliases, ...capturesOf(entry) };
    return this.#ask({ ...about, keys: keysOf(entry), near: entry.lastAt, windows, lost });
  }

  /** A transaction that memory does not know is wanted. */
  forOrder(transaction: TransactionKey): void {
    this.#ask({
      purpose: 'failure',
      transaction,
      aliases: [],
      keys: [transaction],
      near: undefined,
      windows: [],
      lost: 0,
    });
  }

  /** One that is kept elsewhere, and that memory does not know (any more). */
  forElsewhere(keys: readonly TransactionKey[], near: number): void {
    const [transaction] = keys;
    if (transaction === undefined) return;
    const about = { purpose: 'capture', transaction, aliases: aliasesOf(keys, transaction) } as const;
    this.#ask({ ...about, keys, near, windows: [], lost: 0 });
  }

  #ask({ purpose, transaction, aliases, captures, ...asked }: Asked): boolean {
    const { limits, registry } = this.#port;
    const { recorder = registry.numbering.recorder, ...question } = asked;
    const head: HistoryHead = { purpose, transaction, aliases, recorder, subject: '', ...(captures && { captures }) };
    return this.spill.ask({ ...question, head, choice: 'unsent', limit: limits.transactionBytes });
  }

  /** Its inbound exchanges that began before the ring's oldest record: what their connections said then has aged. */
  #agedWindows(entry: Entry): readonly Window[] {
    const { oldestAt = 0 } = this.#port.holding.ring;
    return [...entry.streams]
      .filter(({ fresh, vantage, startedAt }) => fresh && vantage.direction === 'inbound' && startedAt < oldestAt)
      .map(({ instance, startedAt, endedAt }) => ({ instance: instance.key, from: startedAt, to: endedAt }));
  }

  #sendRest({ head }: HistoryQuestion, rests: readonly Rest[]): void {
    const { registry, ranges, parts } = this.#port;
    const selection = emptySelection();
    for (const rest of rests) {
      const known = registry.find(rest.stream);
      if (known !== undefined) ranges.selectRest(known, rest, selection);
    }
    parts.send({ ...head, overwritten: 0 }, selection);
  }
}
