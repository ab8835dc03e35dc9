/**
 * Who the records of a piece are of: stream number, transaction keys, instance, times. Packed into one array of numbers and one of strings,
 * because a structured clone of an object per stream would cost the ingest thread more than the records do.
 */
import type { TransactionKey } from '../domain/ids.ts';
import type { Entry } from './entry.ts';
import { keysOf } from './entry-keys.ts';
import type { Stream } from './streams.ts';

export interface StreamNote {
  readonly stream: number;
  /** Of its transaction, as far as they were known; none for connections. */
  readonly keys: readonly TransactionKey[];
  /** As Instance.key: the service's name, NUL, the instance. */
  readonly instance: string;
  readonly inbound: boolean;
  /** Of a connection; empty for an exchange. */
  readonly protocol: string;
  /** Unix ms; Infinity while it is open. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** The recorder knows nothing of it any more: later records come without a note. */
  readonly departed: boolean;
}

export interface PackedNotes {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly names: readonly string[];
}

/** stream, startedAt, endedAt, bits, instance, protocol, first key, keys. */
const FIELDS = 8;
const INBOUND = 1;
const DEPARTED = 2;

export function packNotes(streams: ReadonlyMap<number, Stream>, departed: ReadonlySet<number>): PackedNotes {
  const numbers = new Float64Array(streams.size * FIELDS);
  const names = new Names();
  let row = 0;
  for (const stream of streams.values()) {
    const { number, startedAt, endedAt, vantage, entry, conversation, instance } = stream;
    const bits = (vantage.direction === 'inbound' ? INBOUND : 0) | (departed.has(number) ? DEPARTED : 0);
    numbers[row] = number;
    numbers[row + 1] = startedAt;
    numbers[row + 2] = endedAt;
    numbers[row + 3] = bits;
    numbers[row + 4] = names.of(instance.key);
    numbers[row + 5] = names.of(conversation?.protocol ?? '');
    numbers[row + 6] = entry === undefined ? 0 : names.keysOf(entry);
    numbers[row + 7] = entry === undefined ? 0 : keysOf(entry).length;
    row += FIELDS;
  }
  return { numbers, names: names.all };
}

export function unpackNotes({ numbers, names }: PackedNotes): readonly StreamNote[] {
  const notes: StreamNote[] = [];
  for (let row = 0; row + FIELDS <= numbers.length; row += FIELDS) {
    const field = (index: number): number => numbers[row + index] ?? 0;
    notes.push({
      stream: field(0),
      startedAt: field(1),
      endedAt: field(2),
      inbound: (field(3) & INBOUND) !== 0,
      departed: (field(3) & DEPARTED) !== 0,
      instance: names[field(4)] ?? '',
      protocol: names[field(5)] ?? '',
      keys: names.slice(field(6), field(6) + field(7)) as TransactionKey[],
    });
  }
  return notes;
}

/** Strings, each once; the keys of a transaction side by side. */
class Names {
  readonly all: string[] = [];
  readonly #known = new Map<string, number>();
  readonly #entries = new Map<Entry, number>();

  of(name: string): number {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#known.set(name, this.all.length);
    return this.all.push(name) - 1;
  }

  keysOf(entry: Entry): number {
    const known = this.#entries.get(entry);
    if (known !== undefined) return known;
    const first = this.all.length;
    this.#entries.set(entry, first);
    this.all.push(...keysOf(entry));
    return first;
  }
}
