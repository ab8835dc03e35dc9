/** A recorder driven by hand with a real history file behind it, on one thread. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SLOT_BYTES } from '../../src/history/block.ts';
import { createHistoryFile } from '../../src/history/file.ts';
import type { Slots } from '../../src/history/file.ts';
import { History } from '../../src/history/history.ts';
import type { RecorderLimits, RecorderOptions } from '../../src/recorder/options.ts';
import type { RecordedPart } from '../../src/recorder/part.ts';
import { Bench } from './recorder.ts';
import { temporaryDirectory } from './temporary.ts';
import { until } from './until.ts';

export interface BenchOptions {
  readonly limits?: Partial<RecorderLimits> & Pick<RecorderOptions, 'numbersBefore'>;
  /** Slots of the file. */
  readonly slots?: number;
  /** In place of the file. */
  readonly disk?: Slots;
  readonly pieces?: number;
}

export class HistoryBench {
  readonly file: string;
  readonly bench: Bench;
  readonly history: History;

  static async start(options: BenchOptions = {}): Promise<HistoryBench> {
    const file = join(temporaryDirectory(), 'history');
    const slots = options.disk ?? (await createHistoryFile(file, SLOT_BYTES));
    const made = new HistoryBench(file, slots, options);
    onTestFinished(() => made.history.stop());
    return made;
  }

  private constructor(file: string, slots: Slots, { limits, slots: count = 16, pieces }: BenchOptions) {
    this.file = file;
    this.bench = new Bench(
      { ringBytes: 16_384, ...limits },
      { say: (message) => this.history.hear(message), ...(pieces !== undefined && { pieces }) },
    );
    this.history = new History({
      slots,
      bytes: count * SLOT_BYTES,
      key: randomBytes(32),
      clock: this.bench.clock,
      say: (message) => this.bench.recorder.hear(message),
      emit: (part) => this.bench.parts.push(part),
    });
  }

  /** Lets everything come to rest, and history answer what it was asked. */
  async failures(): Promise<readonly RecordedPart[]> {
    this.bench.settle();
    this.bench.clock.advance(200);
    await this.bench.recorder.lookedBack();
    return this.bench.takeParts().filter(({ purpose }) => purpose === 'failure');
  }

  /** Pushes so many bytes out of memory. */
  age(bytes: number): void {
    for (let sent = 0; sent < bytes; sent += 2_000) {
      const trace = `f${(this.#noise += 1).toString(16)}`;
      this.bench.exchange('noise', '/', 200, { trace, headers: { x: 'x'.repeat(1_500) } });
      this.bench.settle();
    }
    this.bench.takeParts();
  }

  /** Everything so far is on disk, or lost. */
  async written(blocks: number): Promise<void> {
    await until(
      () => this.history.stats().blocks,
      ({ written, failed }) => written + failed >= blocks,
    );
  }

  /** So many slots have their space on disk. */
  async filled(slots: number): Promise<void> {
    await until(
      () => this.history.stats(),
      ({ allocatedBytes }) => allocatedBytes >= slots * SLOT_BYTES,
    );
  }

  onDisk(): Buffer {
    return readFileSync(this.file);
  }

  #noise = 0;
}
