/** What two commands were answered, as far as views show it: cell by cell under the names of columns, a reply line by line. */
import type { AnswerView, RowsView } from '../seal/view-schema.ts';
import type { Findings } from './findings.ts';

export function compareAnswers(left: readonly AnswerView[], right: readonly AnswerView[], findings: Findings): void {
  const sets = Math.max(left.length, right.length);
  for (let at = 0; at < sets; at += 1) {
    const [was, is] = [left[at], right[at]];
    // What is shown of one side only may have found no room in the other's view.
    if (was === undefined || is === undefined) continue;
    const path = sets === 1 ? 'answer' : `answer[${at + 1}]`;
    if (was.kind === 'rows' && is.kind === 'rows') compareRows(path, was, is, findings);
    if (was.kind === 'reply' && is.kind === 'reply')
      for (const [line, text] of was.lines.entries())
        compareShown(`${path}.line ${line + 1}`, text, is.lines[line], findings);
  }
}

function compareRows(path: string, left: RowsView, right: RowsView, findings: Findings): void {
  findings.compare(`${path}.columns`, left.columns.join(', '), right.columns.join(', '));
  if (left.columns.length !== right.columns.length) return;
  for (const [at, row] of left.rows.entries())
    for (const [column, cell] of row.entries())
      compareShown(
        `${path}.row ${at + 1}.${left.columns[column] ?? column + 1}`,
        cell ?? 'NULL',
        right.rows[at] === undefined ? undefined : (right.rows[at][column] ?? 'NULL'),
        findings,
      );
}

/** How many there are is told by their count. */
function compareShown(path: string, left: string, right: string | undefined, findings: Findings): void {
  if (right !== undefined) findings.compare(path, left, right);
}
