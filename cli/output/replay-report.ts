/** A replay, told to a person. */
import pc from 'picocolors';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { print, printable } from './format.ts';

const OUTCOMES = {
  reproduced: () => pc.green('reproduced'),
  differs: () => pc.yellow('answered differently'),
  incomplete: () => pc.red('incomplete'),
} as const;

export function printReport(report: ReplayReport): void {
  printBreakpoints(report);
  printCalls(report);
  for (const refusal of report.refused) print(`refused   ${refusal.kind} ${printable(refusal.target)}: ${printable(refusal.reason)}`);
  for (const unused of report.unused) print(`not asked ${printable(unused)}`);
  print('');
  print(`${pc.bold(report.service)} ${printable(report.trigger)}: ${OUTCOMES[report.outcome]()}`);
  print(`  recorded ${describe(report.recorded)}`);
  print(`  replayed ${describe(report.replayed)}`);
  for (const { where, recorded, replayed } of report.diff) print(`  ${pc.yellow(printable(where))}: recorded ${printable(recorded ?? 'nothing')}, replayed ${printable(replayed ?? 'nothing')}`);
  for (const limit of report.isolation.limits) print(pc.dim(`  isolation: ${limit}`));
}

function printBreakpoints(report: ReplayReport): void {
  for (const hit of report.debugger.breakpoints) {
    print(`${pc.bold(`${printable(hit.file)}:${hit.line}`)}  ${printable(hit.source)}`);
    for (const { name, value } of hit.locals) print(`    ${pc.cyan(printable(name))} = ${printable(value)}`);
    const [, ...callers] = hit.stack;
    for (const caller of callers.slice(0, 3)) print(pc.dim(`    from ${printable(caller)}`));
  }
  const unseen = report.debugger.hits - report.debugger.breakpoints.length;
  if (unseen > 0) print(pc.dim(`    and ${unseen} more hits`));
}

function printCalls(report: ReplayReport): void {
  for (const call of report.calls) {
    const grade = call.grade === 'missed' ? pc.red('missed') : call.grade === 'exact' ? pc.green('exact') : pc.yellow(call.grade);
    print(`${grade.padEnd(grade.length + Math.max(0, 10 - call.grade.length))}${call.protocol} ${printable(call.peer)}  ${printable(call.summary)}`);
    for (const line of call.explanation ?? []) print(pc.dim(`          ${printable(line)}`));
  }
}

function describe(answer: ReplayReport['recorded']): string {
  const body = answer.body === undefined ? `${answer.bytes} bytes` : printable(answer.body.length > 300 ? `${answer.body.slice(0, 299)}…` : answer.body);
  return answer.status === null ? 'no answer' : `${answer.status} ${body}`;
}
