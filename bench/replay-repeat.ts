// One loop many times in a row: the same outcome each time, and nothing left of any.
//   npm run -s bench:replay-repeat -- --count 50
// Progress on stderr; one JSON object on stdout at the end. Exit code 1 when anything is amiss.
import { parseArgs } from 'node:util';
import { REPLAY_REPORT } from '../replay-sandbox/report/report.ts';
import { isNothing } from '../test/support/leftovers.ts';
import { makeSmallProject, startReplay } from '../test/support/watched-replay.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '50' } } });
const count = Number(values.count);

const project = await makeSmallProject('1.25');
const outcomes = new Map<string, number>();
const leaks: unknown[] = [];
const seconds: number[] = [];
try {
  for (let time = 1; time <= count; time += 1) {
    const began = performance.now();
    const { stdout, stderr, left, seen } = await startReplay(project).ended;
    seconds.push((performance.now() - began) / 1000);
    const said = outcome(stdout, stderr);
    outcomes.set(said, (outcomes.get(said) ?? 0) + 1);
    if (!isNothing(left)) leaks.push({ time, left });
    if (seen.namespaces === 0) leaks.push({ time, unseen: seen });
    if (time % 10 === 0) process.stderr.write(`${time} of ${count}: ${JSON.stringify([...outcomes])}\n`);
  }
} finally {
  project.remove();
}
const median = seconds.toSorted((a, b) => a - b)[Math.floor(count / 2)];
process.stdout.write(`${JSON.stringify({ count, outcomes: Object.fromEntries(outcomes), leaks, median })}\n`);
process.exitCode = outcomes.size === 1 && leaks.length === 0 ? 0 : 1;

/** Outcome, answer and grades. */
function outcome(stdout: string, stderr: string): string {
  if (stdout === '') return `no report: ${stderr.slice(-500)}`;
  const { outcome: result, replayed, calls } = REPLAY_REPORT.parse(JSON.parse(stdout));
  return [result, replayed.body ?? '', ...calls.map(({ grade }) => grade)].join(' ');
}
