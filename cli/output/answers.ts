/** What a command of a database was answered, a row a line. */
import type { AnswerView } from '../../src/seal/view-schema.ts';
import { printable } from './format.ts';

/** As many as fit on a screen; -o json has all that the view has. */
const LINES = 20;
const CELL = 60;

export function answerLines(answers: readonly AnswerView[] = []): readonly string[] {
  return answers.flatMap((answer) =>
    answer.kind === 'rows' ? rowLines(answer) : firstOf(answer.lines, answer.linesMore),
  );
}

function rowLines({ columns, rows, rowsMore }: AnswerView & { readonly kind: 'rows' }): readonly string[] {
  if (columns.length === 0) return [];
  const line = (cells: readonly (string | null)[]): string => cells.map((cell) => shorten(cell ?? 'NULL')).join(' | ');
  return [line(columns), ...firstOf(rows.map(line), rowsMore)];
}

function firstOf(lines: readonly string[], hidden = 0): readonly string[] {
  const more = hidden + Math.max(lines.length - LINES, 0);
  return [...lines.slice(0, LINES).map(printable), ...(more > 0 ? [`… ${more} more`] : [])];
}

function shorten(text: string): string {
  return printable(text.length > CELL ? `${text.slice(0, CELL - 1)}…` : text);
}
