import type { CommandView } from '../seal/view-schema.ts';
import { compareAnswers } from './answers.ts';
import { compareDurations } from './duration.ts';
import type { Findings } from './findings.ts';

export function compareCommands(left: CommandView, right: CommandView, findings: Findings): void {
  findings.compare('version', left.vantage.version, right.vantage.version);
  findings.compare('statement', left.summary, right.summary);
  const [ours, theirs] = [left.parameters ?? [], right.parameters ?? []];
  for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1)
    // As SQL has it from $1 on.
    findings.compare(`parameters[${at + 1}]`, written(ours[at]), written(theirs[at]));
  findings.compare('rows', numeral(left.rows), numeral(right.rows));
  compareAnswers(left.answers ?? [], right.answers ?? [], findings);
  findings.compare('error.code', left.error?.code, right.error?.code);
  findings.compare('error.message', left.error?.message, right.error?.message);
  findings.compare('notices', left.notices?.join('\n'), right.notices?.join('\n'));
  compareDurations(left, right, findings);
}

function written(value: string | null | undefined): string | undefined {
  return value === null ? 'NULL' : value;
}

function numeral(value: number | undefined): string | undefined {
  return value === undefined ? undefined : `${value}`;
}
