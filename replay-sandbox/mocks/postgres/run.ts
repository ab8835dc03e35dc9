import { decodeBackend, encodeBackend, reportField, type Column } from '../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../src/wire/postgres/framing.ts';
import { splitStatements } from '../../../src/wire/postgres/language/sql.ts';
import { formatOf, transcode } from '../../../src/wire/postgres/language/types.ts';
import type { AnswerSource, Grade, Nearest } from '../../match/call.ts';
import type { Difference } from '../../match/difference.ts';
import type { Match } from '../../match/postgres/matcher.ts';
import type { Question, RecordedStatement } from '../../match/postgres/recorded.ts';
import { sessionColumn, synthesisedTag } from '../../match/postgres/synthesised.ts';
import { describedColumns, Playback, type Part, type Wanted } from './playback.ts';
import type { TransactionState } from './transaction.ts';

/** How a statement was answered, for the call log. */
export interface StatementCall {
  readonly summary: string;
  readonly grade: Grade;
  readonly source?: AnswerSource;
  /** The recorded command that answered. */
  readonly exchange?: string;
  readonly explanation: readonly string[];
  readonly found?: readonly Difference[] | undefined;
  readonly nearest?: Nearest | undefined;
}

type Found = Exclude<Match, { readonly kind: 'miss' }>;

/** One run of a statement, from the choice of its answer to the last part of it. */
export class Run {
  readonly question: Question;
  readonly columns: readonly Column[] | undefined;
  readonly #found: Found;
  readonly #wanted: Wanted;
  readonly #playback: Playback | undefined;
  readonly #copied: Uint8Array[] = [];
  #failed = false;
  #fatal = false;

  constructor(question: Question, found: Found, wanted: Wanted) {
    this.question = question;
    this.#found = found;
    const statement = found.kind === 'answer' ? found.statement : undefined;
    this.#wanted = wanted;
    const answer = found.kind === 'synthesised' ? found.answer : undefined;
    this.columns = statement?.columns ?? (answer && [sessionColumn(answer)]) ?? wanted.columns;
    this.#playback = statement && new Playback(statement, wanted);
  }

  /** The answer so far holds an error; a fatal one ends the connection. */
  get failed(): boolean {
    return this.#failed;
  }

  get fatal(): boolean {
    return this.#fatal;
  }

  /** The recorded run did not get beyond Bind: its values were refused. */
  get failsToBind(): boolean {
    return this.#found.kind === 'answer' && this.#found.statement.reached === 'bind';
  }

  /** The recorded command that answers. */
  get command(): string | undefined {
    return this.#found.kind === 'answer' ? this.#found.statement.command.id : undefined;
  }

  /** Parameters that the recorded server reported with it. */
  get reported(): RecordedStatement['reported'] {
    const found = this.#found;
    return (found.kind === 'answer' ? found.statement.reported : found.reported) ?? [];
  }

  /** How long the recorded answer took, in milliseconds. */
  get recordedMs(): number {
    if (this.#found.kind !== 'answer') return 0;
    const { startedAt, endedAt } = this.#found.statement.command;
    return Math.max(0, endedAt - startedAt);
  }

  /** The recorded client broke its copy off, so that the recorded answer is the one to that. */
  get brokenOff(): boolean {
    return this.#found.kind === 'answer' && this.#found.statement.brokenOff;
  }

  next(maxRows: number, transaction: TransactionState): Part {
    const part = this.#playback?.next(maxRows) ?? { messages: this.#synthesised(), stop: 'done' };
    for (const message of part.messages) this.#noticeError(message);
    const tag = synthesisedTag(this.question.sql);
    const steers = tag === 'COMMIT' && (transaction.status === 'E' || !this.#failed);
    if (steers) this.#failed = false;
    const messages = steers ? [encodeBackend({ kind: 'command-complete', tag: transaction.tag(tag) })] : part.messages;
    if (part.stop === 'done') this.#settle(transaction);
    return { messages, stop: part.stop };
  }

  copied(data: Uint8Array): void {
    this.#copied.push(data);
  }

  call(note?: string): StatementCall {
    const summary = this.question.sql;
    const notes = note === undefined ? [] : [note];
    if (this.#found.kind === 'synthesised') return { summary, grade: 'synthesised', explanation: notes };
    const { statement, grade, explanation, found } = this.#found;
    const recorded = Buffer.concat(statement.copied);
    const sent = Buffer.concat(this.#copied);
    const drifted = !recorded.equals(sent);
    if (drifted) notes.push(`copied data: recorded ${recorded.length} bytes, asked ${sent.length} other bytes`);
    if (this.#playback?.untranslated === true)
      notes.push('a value has a type that is not known here: it stands in its recorded format');
    return {
      summary,
      grade: drifted ? 'drifted' : grade,
      source: statement.source,
      exchange: statement.command.id,
      explanation: [...explanation, ...notes],
      found,
    };
  }

  #synthesised(): readonly Uint8Array[] {
    const { tag, answer } = this.#found.kind === 'synthesised' ? this.#found : { tag: '', answer: undefined };
    if (tag === '') return [encodeBackend({ kind: 'empty-query' })];
    const complete = encodeBackend({ kind: 'command-complete', tag });
    if (answer === undefined) return [complete];
    const { protocol, resultFormats } = this.#wanted;
    const format = formatOf(resultFormats, 0);
    const value = transcode(Buffer.from(answer.value), answer.type, 0, format) ?? Buffer.from(answer.value);
    const row = encodeBackend({ kind: 'data-row', values: [value] });
    return [...(protocol === 'simple' ? [describedColumns(this.columns, resultFormats)] : []), row, complete];
  }

  #settle(transaction: TransactionState): void {
    const statements = splitStatements(this.question.sql);
    const last = statements.at(-1) ?? '';
    if (this.#failed) transaction.failed(last);
    else for (const statement of statements) transaction.succeeded(statement);
  }

  #noticeError(message: Uint8Array): void {
    const frame = messageFrame(message);
    if (frame.type !== 'E') return;
    const report = decodeBackend(frame);
    this.#failed = true;
    this.#fatal = report?.kind === 'error' && /^(?:FATAL|PANIC)$/.test(reportField(report.fields, 'V'));
  }
}
