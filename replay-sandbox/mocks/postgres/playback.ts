/** A recorded answer in the form a client asked for it, given out part by part. */
import { decodeBackend, encodeBackend, reportField, type Column } from '../../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../../src/wire/postgres/framing.ts';
import type { Value } from '../../../src/wire/postgres/frontend.ts';
import { formatOf, transcode } from '../../../src/wire/postgres/language/types.ts';
import type { RecordedStatement } from '../../match/postgres/recorded.ts';

export interface Wanted {
  readonly protocol: RecordedStatement['protocol'];
  readonly resultFormats: readonly number[];
  /** From any recorded run of the statement, when this one does not tell. */
  readonly columns: readonly Column[] | undefined;
}

/**
 * Where giving out stopped. `done`: the answer is complete. `suspended`: as many rows as were asked for. `copy-in`: the client's data comes
 * first. `cancelled`: what comes next is the error of a statement that somebody cancelled. `unrecorded`: the answer had more rows than the
 * recording holds. `hangs`: the recorded answer never came to its end.
 */
export type Stop = 'done' | 'suspended' | 'copy-in' | 'cancelled' | 'unrecorded' | 'hangs';

export interface Part {
  readonly messages: readonly Uint8Array[];
  readonly stop: Stop;
}

export class Playback {
  readonly #messages: readonly Uint8Array[];
  readonly #complete: boolean;
  readonly #cut: boolean;
  /** A value stands in its recorded format, because its type has no other form here. */
  readonly untranslated: boolean;
  /** Its tag counts rows, and the parts may be cut otherwise than they were recorded. SELECT INTO counts rows that nobody sees. */
  readonly #counted: boolean;
  #next = 0;
  #held = false;

  constructor(statement: RecordedStatement, wanted: Wanted) {
    const { messages, untranslated } = inForm(statement, wanted);
    this.#messages = messages;
    this.untranslated = untranslated;
    this.#complete = statement.complete;
    this.#cut = statement.command.cut === true;
    this.#counted = statement.protocol === 'extended' && messages.some((message) => messageFrame(message).type === 'D');
  }

  /** Up to `maxRows` rows; 0 means all. */
  next(maxRows: number): Part {
    const messages: Uint8Array[] = [];
    let rows = 0;
    for (let message = this.#messages[this.#next]; message !== undefined; message = this.#messages[this.#next]) {
      const type = messageFrame(message).type;
      if (type === 's') return { messages, stop: maxRows > 0 && rows === maxRows ? 'suspended' : 'unrecorded' };
      if (type === 'E' && !this.#held && isCancelled(message)) {
        this.#held = true;
        return { messages, stop: 'cancelled' };
      }
      this.#next += 1;
      messages.push(type === 'C' && this.#counted ? withCount(message, rows) : message);
      if (type === 'G') return { messages, stop: 'copy-in' };
      if (type === 'D' && ++rows === maxRows) return { messages, stop: 'suspended' };
    }
    return { messages, stop: this.#complete ? 'done' : this.#cut ? 'unrecorded' : 'hangs' };
  }
}

/** By its client, not by a time-out: Postgres has one SQLSTATE for both. */
function isCancelled(message: Uint8Array): boolean {
  const report = decodeBackend(messageFrame(message));
  if (report?.kind !== 'error' || reportField(report.fields, 'C') !== '57014') return false;
  const text = reportField(report.fields, 'M');
  return (
    /user request/.test(text) || (reportField(report.fields, 'R') === 'ProcessInterrupts' && !/timeout/.test(text))
  );
}

/** Columns as a Describe of the portal, or the beginning of a simple answer, tells them. */
export function describedColumns(columns: readonly Column[] | undefined, formats: readonly number[]): Uint8Array {
  if (columns === undefined || columns.length === 0) return encodeBackend({ kind: 'no-data' });
  return encodeBackend({
    kind: 'row-description',
    columns: columns.map((column, index) => ({ ...column, format: formatOf(formats, index) })),
  });
}

/** The tag counts the rows of this Execute alone. */
function withCount(message: Uint8Array, rows: number): Uint8Array {
  const complete = decodeBackend(messageFrame(message));
  if (complete?.kind !== 'command-complete') return message;
  return encodeBackend({ kind: 'command-complete', tag: complete.tag.replace(/^(SELECT|FETCH) \d+$/, `$1 ${rows}`) });
}

function inForm(
  statement: RecordedStatement,
  wanted: Wanted,
): { messages: readonly Uint8Array[]; untranslated: boolean } {
  const columns = statement.columns ?? wanted.columns;
  const have = statement.protocol === 'simple' ? (columns ?? []).map(({ format }) => format) : statement.resultFormats;
  const want = wanted.protocol === 'simple' && statement.protocol === 'simple' ? have : wanted.resultFormats;
  const differ = (columns ?? []).some((_, index) => formatOf(have, index) !== formatOf(want, index));
  const types = (columns ?? []).map(({ type }) => type);
  let untranslated = differ && columns === undefined;
  const messages = statement.answer.map((message) => {
    if (!differ || messageFrame(message).type !== 'D') return message;
    const row = translated(message, types, have, want);
    untranslated ||= row === undefined;
    return row ?? message;
  });
  return { messages: withDescription(messages, statement, wanted, columns), untranslated };
}

/** A simple answer describes its rows itself, an extended one only when asked. */
function withDescription(
  messages: readonly Uint8Array[],
  statement: RecordedStatement,
  wanted: Wanted,
  columns: readonly Column[] | undefined,
): readonly Uint8Array[] {
  if (wanted.protocol === statement.protocol) return messages;
  if (wanted.protocol === 'extended') return messages.filter((message) => messageFrame(message).type !== 'T');
  const fails = messages.some((message) => messageFrame(message).type === 'E');
  return columns === undefined || columns.length === 0 || fails
    ? messages
    : [describedColumns(columns, []), ...messages];
}

function translated(
  message: Uint8Array,
  types: readonly number[],
  have: readonly number[],
  want: readonly number[],
): Uint8Array | undefined {
  const row = decodeBackend(messageFrame(message));
  if (row?.kind !== 'data-row') return undefined;
  const values = row.values.map((value, index): Value | undefined =>
    value === null ? null : transcode(value, types[index] ?? 0, formatOf(have, index), formatOf(want, index)),
  );
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? encodeBackend({ kind: 'data-row', values: known }) : undefined;
}
