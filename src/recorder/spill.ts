import { encodeSegments } from '../wire/segments/record.ts';
import { peekAt, peekFlags, peekSequence, pokeFlags } from '../wire/segments/peek.ts';
import type { Fates } from './fates.ts';
import { Fate } from './fates.ts';
import type { FromHistory, HistoryLink, HistoryQuestion, Rest, SpillStats } from './history.ts';
import { Books, PIECE_BYTES } from './history.ts';
import { packNotes } from './notes.ts';
import type { Schedule } from './options.ts';
import type { Stream } from './streams.ts';

const PIECES = 8;
/** Streams described with one piece. */
const STREAMS = 2048;
/** Questions open at once. */
const QUESTIONS = 256;
/** Questions wait so long for each other: each time, an unfinished piece goes along. */
const GATHER_MS = 100;

export interface SpillPort {
  readonly fates: Fates;
  readonly link: HistoryLink;
  readonly schedule: Schedule;
  /** Who speaks on a connection is repeated when so many bytes have aged since; its state, where the recorder noted it. */
  readonly repeatBytes: number;
  /** History has answered; the rest of these connections is in memory, if anywhere. */
  readonly rest: (question: HistoryQuestion, rests: readonly Rest[]) => void;
  /** History will never answer. */
  readonly unanswered: (question: HistoryQuestion) => void;
}

/**
 * What age pushes out of the ring, on its way to history: copied into pieces, which are handed over when they are full, or when something is
 * asked. There are only so many: when all are under way, what ages is dropped and counted.
 */
export class Spill {
  readonly #port: SpillPort;
  readonly #free: ArrayBuffer[];
  #piece: { readonly bytes: Uint8Array<ArrayBuffer>; readonly view: DataView } | undefined;
  /** Described with this piece already. */
  #lastTaken: Stream | undefined;
  #used = 0;
  #streams = new Map<number, Stream>();
  #departed = new Set<number>();
  readonly #repeated = new WeakMap<Stream, number>();
  #questions: HistoryQuestion[] = [];
  readonly #open = new Map<number, HistoryQuestion>();
  #cancel: (() => void) | undefined;
  #closed = false;
  #answered: PromiseWithResolvers<void> | undefined;
  readonly #passed = { segments: 0, bytes: 0 };
  readonly #dropped = { segments: 0, bytes: 0 };
  #asked = 0;
  #unasked = 0;

  constructor(port: SpillPort) {
    this.#port = port;
    this.#free = Array.from({ length: port.link.pieces ?? PIECES }, () => new ArrayBuffer(PIECE_BYTES));
  }

  stats(): SpillStats {
    return {
      passed: { ...this.#passed },
      dropped: { ...this.#dropped },
      asked: this.#asked,
      unasked: this.#unasked,
    };
  }

  /** Takes a copy of a record that age is about to overwrite; false when there is no room for it. `stream` is undefined once forgotten. */
  take(record: Uint8Array, stream: Stream | undefined, books: number): boolean {
    if (this.#closed) return false;
    const repeated = stream?.conversation === undefined ? [] : this.#repeat(stream, record);
    const size = repeated.reduce((sum, one) => sum + one.length, record.length);
    if (!this.#makeRoom(size)) {
      count(this.#dropped, record.length);
      return false;
    }
    for (const one of repeated) this.#write(one, Books.none);
    this.#write(record, books);
    count(this.#passed, record.length);
    if (stream !== undefined && stream !== this.#lastTaken) this.#describe(stream);
    this.#lastTaken = stream;
    return true;
  }

  /** The recorder forgets the stream although the ring still has records of it: what is known of it goes ahead. */
  forgotten(stream: Stream): void {
    if (this.#closed || stream.held === 0) return;
    this.#departed.add(stream.number);
    this.#describe(stream);
  }

  /** Nothing of it is asked when false is returned: too much is open, or history is gone. */
  ask(question: Omit<HistoryQuestion, 'id'>): boolean {
    if (this.#closed || this.#open.size >= QUESTIONS) {
      this.#unasked += 1;
      return false;
    }
    this.#asked += 1;
    const asked = { ...question, id: this.#asked };
    this.#open.set(asked.id, asked);
    this.#questions.push(asked);
    this.#cancel ??= this.#port.schedule(GATHER_MS, () => this.flush());
    return true;
  }

  /** Asks at once what waits to be asked. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#questions.length === 0) return;
    this.#send();
    for (const question of this.#questions.splice(0)) this.#port.link.say({ kind: 'ask', question }, []);
  }

  /** Numbers of streams will come again: history forgets in time what it has under the old ones. */
  era(): void {
    if (!this.#closed) this.#port.link.say({ kind: 'era' }, []);
  }

  /** Resolves when every question is answered. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) {
      this.#answered ??= Promise.withResolvers<void>();
      await this.#answered.promise;
    }
  }

  hear(message: FromHistory): void {
    if (this.#closed) return;
    if (message.kind === 'emptied') return void this.#free.push(message.bytes);
    const { fates } = this.#port;
    if (message.kind === 'gone') return fates.moved(Fate.history, Fate.overwritten, message.undecided);
    const question = this.#open.get(message.id);
    this.#open.delete(message.id);
    this.#tellAnswered();
    fates.moved(Fate.history, Fate.kept, message.undecided);
    fates.moved(Fate.tossed, Fate.kept, message.tossed);
    if (question !== undefined && message.rests.length > 0) this.#port.rest(question, message.rests);
  }

  /** History is gone, and everything in it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel?.();
    const { fates, unanswered } = this.#port;
    fates.moved(Fate.history, Fate.overwritten, fates.tallies().history);
    for (const question of this.#open.values()) unanswered(question);
    this.#open.clear();
    this.#tellAnswered();
    this.#piece = undefined;
    this.#free.length = 0;
    this.#streams.clear();
  }

  #tellAnswered(): void {
    this.#answered?.resolve();
    this.#answered = undefined;
  }

  /** What a connection's record cannot be read without: who speaks, and the state at this anchor where it was noted. */
  #repeat(stream: Stream, record: Uint8Array): readonly Uint8Array[] {
    const { checkpoints } = stream.conversation ?? {};
    const sequence = peekSequence(viewOf(record), 0);
    const checkpoint = checkpoints?.find((one) => one.sequence === sequence);
    if (checkpoint === undefined && this.#passed.bytes < (this.#repeated.get(stream) ?? 0)) return [];
    this.#repeated.set(stream, this.#passed.bytes + this.#port.repeatBytes);
    const heads = stream.pinned.filter(({ prologue }) => !prologue).map(({ bytes }) => bytes);
    const at = peekAt(viewOf(record), 0);
    const states = (checkpoint?.state ?? []).map(({ side, bytes }) =>
      encodeSegments([
        {
          kind: 'state',
          stream: stream.number,
          sequence,
          at,
          flags: 0,
          openInbound: 0,
          owner: 0,
          payload: Buffer.concat([Uint8Array.of(side === 'client' ? 0 : 1), bytes]),
        },
      ]),
    );
    return [...heads, ...states];
  }

  #makeRoom(size: number): boolean {
    if (size > PIECE_BYTES) return false;
    if (this.#piece !== undefined && (this.#used + size > PIECE_BYTES || this.#streams.size >= STREAMS)) this.#send();
    if (this.#piece === undefined) {
      const buffer = this.#free.pop();
      if (buffer === undefined) return false;
      this.#piece = { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
      this.#used = 0;
    }
    return true;
  }

  #write(record: Uint8Array, books: number): void {
    const piece = this.#piece;
    if (piece === undefined) return;
    piece.bytes.set(record, this.#used);
    pokeFlags(piece.view, this.#used, books | peekFlags(piece.view, this.#used));
    this.#used += record.length;
  }

  #describe(stream: Stream): void {
    this.#streams.set(stream.number, stream);
    if (this.#streams.size <= 2 * STREAMS) return;
    // Only a recorder that forgets faster than its ring ages describes so many without a record of theirs.
    if (this.#makeRoom(0)) return this.#send();
    const [oldest = 0] = this.#streams.keys();
    this.#streams.delete(oldest);
    this.#departed.delete(oldest);
  }

  #send(): void {
    const piece = this.#piece;
    if (piece === undefined) return;
    const notes = packNotes(this.#streams, this.#departed);
    this.#piece = undefined;
    this.#lastTaken = undefined;
    this.#streams = new Map();
    this.#departed = new Set();
    this.#port.link.say({ kind: 'piece', bytes: piece.bytes.buffer, used: this.#used, notes }, [
      piece.bytes.buffer,
      notes.numbers.buffer,
    ]);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function count(tally: { segments: number; bytes: number }, bytes: number): void {
  tally.segments += 1;
  tally.bytes += bytes;
}
