import type { Clock } from '../domain/clock.ts';
import type { FromHistory, HistoryQuestion, ToHistory } from '../recorder/history.ts';
import { Books } from '../recorder/history.ts';
import type { StreamNote } from '../recorder/notes.ts';
import { unpackNotes } from '../recorder/notes.ts';
import type { RecordedPart } from '../recorder/part.ts';
import { peekBytes, peekFlags, peekStream } from '../wire/segments/peek.ts';
import { answer, nothingFor } from './answer.ts';
import { Block, SLOT_BYTES } from './block.ts';
import type { Slots } from './file.ts';
import { BlockReader } from './reader.ts';
import type { HeadMatcher, SearchFound } from './search.ts';
import { search } from './search.ts';
import type { HistoryStats } from './stats.ts';
import { Writer } from './writer.ts';

/** Streams that the recorder has forgotten before their records came: what is known of them, oldest forgotten first. */
const JOURNAL = 16_384;

export interface HistoryOptions {
  readonly slots: Slots;
  /** Of the whole file. */
  readonly bytes: number;
  /** 32 random bytes, for this history alone. */
  readonly key: Uint8Array;
  readonly clock: Clock;
  readonly say: (message: FromHistory, transfer: readonly ArrayBuffer[]) => void;
  /** Takes over a part and its buffer. */
  readonly emit: (part: RecordedPart) => void;
}

/**
 * What has aged out of memory, on disk: a ring of encrypted blocks, and a table for each in memory. Takes pieces as fast as the disk does, and
 * answers questions one by one, each after the pieces that came before it.
 */
export class History {
  readonly #options: HistoryOptions;
  readonly #blocks = new Map<number, Block>();
  readonly #writer: Writer;
  readonly #reader: BlockReader;
  readonly #inbox: ToHistory[] = [];
  readonly #journal = new Map<number, StreamNote>();
  #filling: Block;
  #answers: Promise<void> = Promise.resolve();
  #open = 0;
  #answered = 0;
  /** The block in which this era of numbers began. */
  #eraSince = 0;
  #damaged = 0;
  #tooLarge = 0;

  constructor(options: HistoryOptions) {
    const { slots, bytes, key } = options;
    this.#options = options;
    this.#filling = this.#begin(0);
    this.#writer = new Writer({
      slots,
      count: Math.max(1, Math.floor(bytes / SLOT_BYTES)),
      key,
      gone: (block) => this.#gone(block),
      room: () => this.#work(),
    });
    this.#reader = new BlockReader({
      slots,
      key,
      blocks: () => [...this.#blocks.values()],
      damaged: (block) => {
        this.#damaged += 1;
        this.#gone(block);
      },
    });
  }

  hear(message: ToHistory): void {
    this.#inbox.push(message);
    this.#work();
  }

  /**
   * Transactions of which a request head matches, newest first: the seam for whoever looks for more than a key. Reads everything, a block at a
   * time, so that pieces are taken in between.
   */
  search(matches: HeadMatcher, signal?: AbortSignal): AsyncIterable<SearchFound> {
    return search(this.#reader, matches, signal);
  }

  /** One sentence while it is not whole. */
  get trouble(): string | undefined {
    if (this.#damaged === 0) return this.#writer.trouble;
    return this.#writer.trouble ?? `The history file was damaged: ${this.#damaged} blocks of it could not be read.`;
  }

  stats(): HistoryStats {
    const blocks = [...this.#blocks.values()].filter((block) => !block.isEmpty);
    const oldestAt = Math.min(...blocks.map(({ firstAt }) => firstAt));
    const { written, failed, allocatedBytes } = this.#writer;
    return {
      seconds: Number.isFinite(oldestAt) ? Math.max(0, this.#options.clock.now() - oldestAt) / 1000 : 0,
      bytes: blocks.reduce((sum, { sealedBytes }) => sum + sealedBytes, 0),
      allocatedBytes,
      tableBytes: blocks.reduce((sum, { table }) => sum + table.bytes, 0),
      blocks: { held: blocks.length, written, failed, damaged: this.#damaged },
      tooLarge: this.#tooLarge,
      answered: this.#answered,
      waiting: this.#open,
      trouble: this.trouble,
    };
  }

  /** Resolves when every question so far is answered, and the disk is left alone. */
  async stop(): Promise<void> {
    while (this.#open > 0 || this.#inbox.some(({ kind }) => kind === 'ask')) {
      await this.#answers;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await this.#writer.stop();
    await this.#options.slots.close();
  }

  #work(): void {
    for (let next = this.#inbox[0]; next !== undefined; next = this.#inbox[0]) {
      // A question behind a piece waits with it: what it asks for may be in there.
      if (next.kind === 'piece' && this.#writer.isBusy) return;
      this.#inbox.shift();
      if (next.kind === 'piece') this.#take(next);
      else if (next.kind === 'era') this.#enterEra();
      else this.#ask(next.question);
    }
  }

  #take({ bytes, used, notes }: Extract<ToHistory, { kind: 'piece' }>): void {
    const known = new Map<number, StreamNote>();
    for (const note of unpackNotes(notes)) {
      known.set(note.stream, note);
      if (note.departed) this.#remember(note);
      else this.#journal.delete(note.stream);
    }
    const view = new DataView(bytes);
    for (let offset = 0; offset < used; offset += peekBytes(view, offset)) {
      const stream = peekStream(view, offset);
      const note = known.get(stream) ?? this.#journal.get(stream);
      this.#add(new Uint8Array(bytes, offset, peekBytes(view, offset)), stream, note);
    }
    this.#options.say({ kind: 'emptied', bytes }, [bytes]);
  }

  /** Of four eras two are remembered, so that no number means two streams here (src/recorder/numbering.ts). */
  #enterEra(): void {
    for (const block of this.#blocks.values()) if (block.number < this.#eraSince) this.#gone(block);
    this.#eraSince = this.#filling.number;
  }

  #add(record: Uint8Array, stream: number, note: StreamNote | undefined): void {
    const books = peekFlags(new DataView(record.buffer, record.byteOffset), 0) & Books.mask;
    // What was given out of a block is given for good: what is new must lie in another one.
    const isSplit = books !== Books.kept && this.#filling.table.wasGiven(stream);
    if (!isSplit && this.#filling.add(record, note)) return;
    if (!this.#filling.isEmpty) {
      const full = this.#filling;
      this.#filling = this.#begin(full.number + 1);
      this.#writer.put(full);
      if (this.#filling.add(record, note)) return;
    }
    this.#tooLarge += 1;
    if (books !== Books.history) return;
    this.#options.say({ kind: 'gone', undecided: { segments: 1, bytes: record.length } }, []);
  }

  #begin(number: number): Block {
    const block = new Block(number);
    this.#blocks.set(number, block);
    return block;
  }

  #remember(note: StreamNote): void {
    this.#journal.delete(note.stream);
    this.#journal.set(note.stream, note);
    const [oldest] = this.#journal.keys();
    if (this.#journal.size > JOURNAL && oldest !== undefined) this.#journal.delete(oldest);
  }

  #ask(question: HistoryQuestion): void {
    this.#open += 1;
    this.#answers = this.#answers
      .then(() => answer(question, this.#reader))
      .catch(() => nothingFor(question))
      .then(({ part, ...counted }) => {
        if (part !== undefined) this.#options.emit(part);
        this.#answered += 1;
        this.#options.say({ kind: 'answered', id: question.id, ...counted }, []);
        this.#open -= 1;
        if (this.#open === 0) this.#reader.forget();
      });
  }

  #gone(block: Block): void {
    if (!this.#blocks.delete(block.number)) return;
    const { segments, bytes } = block.undecided;
    if (segments > 0) this.#options.say({ kind: 'gone', undecided: { segments, bytes } }, []);
  }
}
