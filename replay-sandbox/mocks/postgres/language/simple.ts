/** Simple queries: several statements in one message, answered as they were recorded, together or one by one. */
import { encodeBackend } from '../../../../src/wire/postgres/backend.ts';
import { splitStatements } from '../../../../src/wire/postgres/language/sql.ts';
import type { Match } from '../../../match/postgres/matcher.ts';
import { questionOf, type Question } from '../../../match/postgres/recorded.ts';
import type { Desk } from './desk.ts';
import { Run } from '../run.ts';

export class SimpleQueries {
  readonly #desk: Desk;
  /** Runs that are still to come. */
  #queue: (() => Run | undefined)[] = [];

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  query(sql: string): void {
    const desk = this.#desk;
    const parts = splitStatements(sql);
    if (parts.length === 0) desk.send(encodeBackend({ kind: 'empty-query' }));
    const asked = questionOf(sql);
    const whole = parts.length > 1 && desk.transaction.accepts(parts[0] ?? '') ? desk.match(asked) : undefined;
    this.#queue =
      whole !== undefined && whole.kind !== 'miss'
        ? [() => this.#run(asked, whole)]
        : parts.map((part) => () => desk.choose(questionOf(part), (question, match) => this.#run(question, match)));
    this.#continue();
  }

  #run(question: Question, match: Exclude<Match, { kind: 'miss' }>): Run {
    const columns = this.#desk.options.matcher.describe(question)?.columns;
    return new Run(question, match, { protocol: 'simple', resultFormats: [], columns });
  }

  /** An error ends the whole query, whatever else stands in it. */
  #continue(): void {
    for (let begin = this.#queue.shift(); begin !== undefined; begin = this.#queue.shift()) {
      const run = begin();
      if (run !== undefined && !this.#desk.give(run, 0, () => this.#onward())) return;
      if (this.#desk.skipping) this.#queue = [];
    }
    this.#desk.ready();
  }

  #onward(): void {
    if (this.#desk.skipping) this.#queue = [];
    this.#continue();
  }
}
