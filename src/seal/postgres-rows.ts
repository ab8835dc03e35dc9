/**
 * Rows that Postgres answered, for everybody: cells as text, hidden by the names of their columns and by their looks. Rows whose columns
 * nobody described are counted only, as what their cells are called and how they are written is not known.
 */
import type { Command } from '../domain/conversation.ts';
import { decodeBackend, type Column } from '../wire/postgres/backend.ts';
import { messageFrame } from '../wire/postgres/framing.ts';
import { decodeFrontend } from '../wire/postgres/frontend.ts';
import { formatOf, readable } from '../wire/postgres/language/types.ts';
import type { Redactor } from './redact.ts';
import { shownValue, type Room } from './shown-value.ts';
import { secretOfRows } from './sql-outputs.ts';
import type { RowsView } from './view-schema.ts';

/** As many as people look at; the rest is in the records. */
const ROWS = 50;
const COLUMNS = 100;
/** Result sets of one simple query. */
const SETS = 8;
const NAME_CHARACTERS = 128;

const DESCRIPTION = 0x54;
const ROW = 0x44;
const COMPLETE = 0x43;
const BIND = 0x42;
const PARSE = 0x50;
const QUERY = 0x51;

/** A set of rows that is being read. */
interface OpenSet {
  readonly described: readonly Column[];
  readonly columns: string[];
  readonly rows: (string | null)[][];
  more: number;
}

export function viewRows(command: Command, redact: Redactor, room: Room): readonly RowsView[] {
  const reader = new RowsReader(command, redact, room);
  for (const bytes of command.response) reader.take(bytes);
  return reader.sets.map(({ described, columns, rows, more }) => ({
    kind: 'rows',
    columns,
    ...(described.length > columns.length && { columnsMore: described.length - columns.length }),
    rows,
    ...(more > 0 && { rowsMore: more }),
  }));
}

class RowsReader {
  readonly sets: OpenSet[] = [];
  readonly #redact: Redactor;
  readonly #room: Room;
  /** Of all cells, where the question asked for them. */
  readonly #formats: readonly number[] | undefined;
  /** A secret that comes out of the statement under another name: any cell may hold it. */
  readonly #secretive: string | undefined;
  #open: OpenSet | undefined;

  constructor({ request, summary }: Command, redact: Redactor, room: Room) {
    this.#redact = redact;
    this.#room = room;
    this.#formats = formatsAsked(request);
    this.#secretive = statementsAsked(request, summary)
      .map((statement) => secretOfRows(statement, true, redact))
      .find((secret) => secret !== undefined);
  }

  take(bytes: Uint8Array): void {
    const [type] = bytes;
    if (type === COMPLETE) this.#open = undefined;
    if (type === DESCRIPTION) this.#describe(bytes);
    if (type === ROW) this.#row(bytes);
  }

  #describe(bytes: Uint8Array): void {
    const message = decodeBackend(messageFrame(bytes));
    this.#begin(message?.kind === 'row-description' ? message.columns : []);
  }

  #begin(described: readonly Column[]): OpenSet {
    const columns = described.slice(0, COLUMNS).map(({ name }) => {
      this.#room.take(name.length);
      return this.#redact.text(name.slice(0, NAME_CHARACTERS));
    });
    this.#open = { described, columns, rows: [], more: 0 };
    if (this.sets.length < SETS) this.sets.push(this.#open);
    return this.#open;
  }

  #row(bytes: Uint8Array): void {
    const open = this.#open ?? this.#begin([]);
    const isShown = open.described.length > 0 && open.rows.length < ROWS && open.more === 0 && !this.#room.full;
    const message = isShown && this.sets.includes(open) ? decodeBackend(messageFrame(bytes)) : undefined;
    if (message?.kind !== 'data-row') {
      open.more += 1;
      return;
    }
    open.rows.push(open.columns.map((_, at) => this.#cell(message.values[at] ?? null, open.described[at], at)));
  }

  #cell(value: Uint8Array | null, column: Column | undefined, at: number): string | null {
    this.#room.take(value?.length ?? 0);
    if (value === null || column === undefined) return null;
    // A long row ends where there is no more room.
    if (this.#room.full) return '…';
    const format = this.#formats === undefined ? column.format : formatOf(this.#formats, at);
    const text = readable(value, column.type, format);
    if (text === undefined) return `(type ${column.type}, ${value.length} bytes)`;
    return shownValue(text, (read) => this.#hidden(column.name, read));
  }

  #hidden(name: string, text: string): string {
    const secretive = this.#secretive;
    return secretive === undefined ? this.#redact.value(name, text) : this.#redact.parameter(secretive, text);
  }
}

/** Whole: the summary ends where a line does for people, which may be before the name of a secret. */
function statementsAsked(request: readonly Uint8Array[], summary: string): readonly string[] {
  const asked = request
    .filter(([type]) => type === PARSE || type === QUERY)
    .map((bytes) => decodeFrontend(messageFrame(bytes)));
  const statements = asked.flatMap((one) => (one?.kind === 'parse' || one?.kind === 'query' ? [one.sql] : []));
  return statements.length > 0 ? statements : [summary];
}

function formatsAsked(request: readonly Uint8Array[]): readonly number[] | undefined {
  const bytes = request.find(([type]) => type === BIND);
  const bind = bytes && decodeFrontend(messageFrame(bytes));
  return bind?.kind === 'bind' ? bind.resultFormats : undefined;
}
