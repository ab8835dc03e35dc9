/** What one side sent on a stream against what was recorded, by position. Holds counts and a few lines, never messages. */
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { isContent } from '../../../src/wire/stream.ts';
import type { AnswerSource, Grade } from '../call.ts';
import { describeDifference, differences } from '../difference.ts';
import type { TimeWindow } from '../../../src/domain/noise.ts';

/** Makes two messages comparable: JSON, fields by number, or text. */
export type MessageValue = (message: StreamMessage) => unknown;

/** Nobody reads more. */
const LINES = 12;

export class StreamComparison {
  readonly #window: TimeWindow;
  readonly #valueOf: MessageValue;
  readonly #lines: string[] = [];
  #noise = false;
  #more = 0;

  constructor(window: TimeWindow, valueOf: MessageValue) {
    this.#window = window;
    this.#valueOf = valueOf;
  }

  /** `position` counts from 1. */
  pair(recorded: StreamMessage, asked: StreamMessage, position: number): void {
    if (recorded.kind !== asked.kind)
      return this.note(`${asked.kind} ${position}: recorded as ${recorded.summary}, sent as ${asked.summary}`);
    const coded = recorded.code !== undefined && asked.code !== undefined;
    if (coded && recorded.code !== asked.code)
      this.note(`${asked.kind}: recorded ${recorded.summary}, sent ${asked.summary}`);
    if (!isContent(asked) || Buffer.compare(recorded.bytes, asked.bytes) === 0) return;
    const where = `${asked.kind} ${position}`;
    for (const found of differences(this.#valueOf(recorded), this.#valueOf(asked), this.#window, where))
      if (found.noise) this.#noise = true;
      else this.note(describeDifference(found));
  }

  /** Something that is not as it was recorded. */
  note(line: string): void {
    if (this.#lines.length < LINES) this.#lines.push(line);
    else this.#more += 1;
  }

  grade(source: AnswerSource): Grade {
    if (this.#lines.length > 0) return 'drifted';
    if (source !== 'loop' && source !== 'candidate') return 'borrowed';
    return this.#noise || source === 'candidate' ? 'normalised' : 'exact';
  }

  explanation(): readonly string[] {
    return this.#more === 0 ? this.#lines : [...this.#lines, `and ${this.#more} more differences`];
  }
}
