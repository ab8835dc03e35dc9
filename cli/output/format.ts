/** One listing, five formats. Data goes to standard output, everything else to standard error. */
import Table from 'cli-table3';
import { stringify } from 'yaml';
import { choice } from '../options.ts';

const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

export const parseFormat = choice(FORMATS);

export interface Column<Row> {
  readonly title: string;
  /** Shown by `-o wide` only. */
  readonly wide?: boolean;
  readonly text: (row: Row) => string;
}

export interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly name: (row: Row) => string;
  /** Said instead of an empty table, on standard error. */
  readonly empty: string;
}

export function printListing<Row>(listing: Listing<Row>, format: Format): void {
  if (format === 'json') return print(JSON.stringify(listing.rows, undefined, 2));
  if (format === 'yaml') return print(stringify(listing.rows).trimEnd());
  if (format === 'name') return listing.rows.forEach((row) => print(listing.name(row)));
  if (listing.rows.length === 0) return note(listing.empty);
  const columns = listing.columns.filter((column) => column.wide !== true || format === 'wide');
  print(
    plainTable(
      columns.map((column) => column.title),
      listing.rows.map((row) => columns.map((column) => printable(column.text(row)))),
    ),
  );
}

export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  };
  const table = new Table({
    head: [...head],
    chars: none,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Recorded text may hold anything: control characters would command the terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters to find
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
