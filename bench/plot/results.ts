/** Results of benches as they were written to bench/results, and as text of a page. */
import { readFileSync } from 'node:fs';

export type Row = Readonly<Record<string, unknown>>;

export interface Result {
  readonly rows: readonly Row[];
  readonly environment?: Row;
  readonly [name: string]: unknown;
}

/** Undefined: nobody has run that bench. */
export function readResult(file: string): Result | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isResult(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isResult(value: unknown): value is Result {
  return isRecord(value) && Array.isArray(value['rows']) && value['rows'].every(isRecord);
}

export function number(value: unknown): number {
  if (typeof value === 'number') return value;
  return isRecord(value) && typeof value['median'] === 'number' ? value['median'] : NaN;
}

/**
 * A table of all columns whose values can be said in a cell; a spread is said as `median (min-max)`. A column `a.b` is what has the name b in what
 * has the name a.
 */
export function table(rows: readonly Row[], columns: readonly string[] = columnsOf(rows)): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((name) => cell(at(row, name.split('.')))))),
  ].join('\n');
}

function columnsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => cell(row[name]) !== '')))];
}

function at(row: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined || !isRecord(row)) return row;
  return at(row[name], rest);
}

function cell(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return value.replaceAll('|', '\\|');
  if (!isRecord(value) || value['median'] === undefined) return '';
  if (value['min'] === undefined) return String(number(value));
  return `${number(value)} (${number(value['min'])}-${number(value['max'])})`;
}

/** Where it was measured. The load of the machine is part of it: on a busy one figures are higher. */
export function where({ environment: at }: Result): string {
  if (at === undefined) return '';
  const said = (name: string): string => {
    const value = at[name];
    if (Array.isArray(value)) return value.join(', ');
    return typeof value === 'string' || typeof value === 'number' ? String(value) : 'unknown';
  };
  return `${said('date').slice(0, 10)}, ${said('commit')}, ${said('cores')} cores (${said('cpu')}), Linux ${said('kernel')}, Node ${said('node')}, load average ${said('load')}.`;
}
