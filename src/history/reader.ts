import type { Block, Content } from './block.ts';
import { readBlock } from './block.ts';
import { openBlock } from './cipher.ts';
import type { Slots } from './file.ts';

/** Blocks in clear, for the questions at hand. */
const CACHED = 8;

export interface ReaderPort {
  readonly slots: Slots;
  readonly key: Uint8Array;
  /** All that are left, oldest first. */
  readonly blocks: () => readonly Block[];
  /** What lies on disk is not what was written there: it is lost. */
  readonly damaged: (block: Block) => void;
}

/** Reads blocks back, wherever they are by now. */
export class BlockReader {
  readonly #port: ReaderPort;
  readonly #cache = new Map<number, Content>();

  constructor(port: ReaderPort) {
    this.#port = port;
  }

  blocks(): readonly Block[] {
    return this.#port.blocks();
  }

  /** Undefined when the block is lost, or overwritten meanwhile. Never rejects. */
  async load(block: Block): Promise<Content | undefined> {
    const content = block.content() ?? this.#cache.get(block.number) ?? (await this.#read(block));
    if (content === undefined) return undefined;
    if (block.slot !== undefined) this.#remember(block.number, content);
    return content;
  }

  /** No question is open: nothing stays in clear. */
  forget(): void {
    this.#cache.clear();
  }

  async #read(block: Block): Promise<Content | undefined> {
    const { slots, key, blocks, damaged } = this.#port;
    const { slot } = block;
    if (slot === undefined) return undefined;
    const sealed = await slots.read(slot, block.sealedBytes).catch(() => new Uint8Array());
    const plain = openBlock(key, block.number, sealed);
    const content = plain && readBlock(plain);
    if (content === undefined && blocks().includes(block)) damaged(block);
    return content;
  }

  #remember(number: number, content: Content): void {
    this.#cache.delete(number);
    this.#cache.set(number, content);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > CACHED && oldest !== undefined) this.#cache.delete(oldest);
  }
}
