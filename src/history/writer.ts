import type { Block } from './block.ts';
import { SLOT_BYTES } from './block.ts';
import { sealBlock } from './cipher.ts';
import type { Slots } from './file.ts';

export interface WriterPort {
  readonly slots: Slots;
  /** Slots there are to be. */
  readonly count: number;
  readonly key: Uint8Array;
  /** The block is nowhere any more: another one lies over it, or it could not be written. */
  readonly gone: (block: Block) => void;
  /** Something that waited is on disk. */
  readonly room: () => void;
}

/** Blocks that wait for the disk at once: beyond, nothing more is taken in. */
const WAITING = 4;

/**
 * Puts blocks on disk, oldest over-written first, one at a time. Meanwhile, when nothing waits, it fills the rest of the file, so that the
 * space is there before it is needed; where the disk has no more, what there is is used.
 */
export class Writer {
  readonly #port: WriterPort;
  readonly #inSlot: (Block | undefined)[] = [];
  readonly #waiting: Block[] = [];
  #cursor = 0;
  /** Slots that are known to have their space. */
  #allocated = 0;
  #filling = true;
  #stopping = false;
  #work: Promise<void> | undefined;
  #short: string | undefined;
  #failing: string | undefined;
  written = 0;
  failed = 0;

  constructor(port: WriterPort) {
    this.#port = port;
    this.#start();
  }

  get isBusy(): boolean {
    return this.#waiting.length >= WAITING;
  }

  get allocatedBytes(): number {
    return this.#allocated * SLOT_BYTES;
  }

  /** One sentence while the disk does not do what it should. */
  get trouble(): string | undefined {
    return this.#failing ?? this.#short;
  }

  put(block: Block): void {
    this.#waiting.push(block);
    this.#start();
  }

  /** Writes nothing any more; resolves when the last write is over. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#work;
  }

  #start(): void {
    this.#work ??= this.#run().finally(() => {
      this.#work = undefined;
      if (this.#hasWork()) this.#start();
    });
  }

  #hasWork(): boolean {
    return !this.#stopping && (this.#waiting.length > 0 || (this.#filling && this.#allocated < this.#port.count));
  }

  async #run(): Promise<void> {
    while (this.#hasWork()) {
      const [block] = this.#waiting;
      if (block === undefined) await this.#fillOne();
      else {
        await this.#write(block);
        this.#waiting.shift();
        this.#port.room();
      }
    }
  }

  async #fillOne(): Promise<void> {
    try {
      await this.#port.slots.write(this.#allocated, new Uint8Array(SLOT_BYTES));
      this.#allocated += 1;
    } catch (error) {
      this.#filling = false;
      this.#tellShort(error);
    }
  }

  async #write(block: Block): Promise<void> {
    const sealed = sealBlock(this.#port.key, block.number, block.plain());
    const slot = this.#claim();
    const error = (await this.#tryWrite(slot, sealed)) ?? undefined;
    if (error === undefined) return this.#lies(block, slot, sealed.length);
    if (slot >= this.#allocated && slot > 0) {
      // It cannot grow: it goes round in what it has, and tries again a lap later.
      this.#tellShort(error);
      this.#cursor = 0;
      return this.#write(block);
    }
    this.failed += 1;
    this.#failing = `The history could not be written: ${said(error)}`;
    block.release();
    this.#port.gone(block);
  }

  #claim(): number {
    if (this.#cursor >= this.#port.count) this.#cursor = 0;
    const before = this.#inSlot[this.#cursor];
    this.#inSlot[this.#cursor] = undefined;
    if (before !== undefined) this.#port.gone(before);
    return this.#cursor;
  }

  async #tryWrite(slot: number, sealed: Uint8Array): Promise<unknown> {
    try {
      await this.#port.slots.write(slot, sealed);
      return undefined;
    } catch (error) {
      return error ?? new Error('unknown');
    }
  }

  #lies(block: Block, slot: number, bytes: number): void {
    this.#inSlot[slot] = block;
    this.#cursor = slot + 1;
    this.#failing = undefined;
    if (slot >= this.#allocated && slot + 1 === this.#port.count) this.#short = undefined;
    this.#allocated = Math.max(this.#allocated, slot + 1);
    this.written += 1;
    block.slot = slot;
    block.sealedBytes = bytes;
    block.release();
  }

  #tellShort(error: unknown): void {
    const mib = (slots: number): number => Math.round((slots * SLOT_BYTES) / (1024 * 1024));
    this.#short = `The history has ${mib(this.#allocated)} of ${mib(this.#port.count)} MiB: ${said(error)}`;
  }
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
