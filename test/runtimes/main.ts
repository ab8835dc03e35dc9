/** `npm run -s matrix:runtimes -- [--json] [--only node,python] [--as root,user] [--pause 120]`: rows on stdout, progress and complaints on stderr. */
import { parseArgs } from 'node:util';
import { FINDINGS, isGood } from './row.ts';
import type { Line } from './row.ts';
import { NAMES } from './runtimes.ts';
import { runRow } from './run-row.ts';
import { startWorld } from './world.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    only: { type: 'string', default: NAMES.join(',') },
    as: { type: 'string', default: 'root,user' },
    pause: { type: 'string', default: '5' },
  },
});

const chosen = listed('--only', values.only, NAMES);
const users = listed('--as', values.as, ['root', 'user'] as const);
const lines: Line[] = [];
{
  await using world = await startWorld();
  for (const name of chosen) {
    const line = await runRow(world, name, { users, pause: Number(values.pause) });
    lines.push(line);
    process.stderr.write(`${describe(line)}\n`);
    if (values.json !== true) process.stdout.write(`${table(line)}\n`);
  }
}
if (values.json === true) process.stdout.write(`${JSON.stringify(lines, undefined, 2)}\n`);
process.exitCode = lines.every(isGood) ? 0 : 1;

function listed<Word extends string>(flag: string, text: string, words: readonly Word[]): readonly Word[] {
  const stray = text.split(',').find((word) => !words.some((known) => known === word));
  if (stray !== undefined) throw new Error(`${flag} knows no ${stray}; it knows ${words.join(', ')}.`);
  return words.filter((word) => text.split(',').includes(word));
}

function describe(line: Line): string {
  if ('unavailable' in line) return `UNAVAILABLE ${line.runtime}: ${line.unavailable}`;
  const summary = `${isGood(line) ? 'good' : 'BAD '} ${line.runtime} ${line.version}, ${line.seconds} s`;
  return [summary, ...line.remarks.map((remark) => `  ${remark}`)].join('\n');
}

function table(line: Line): string {
  if ('unavailable' in line) return `${line.runtime}\tunavailable`;
  const { runtime, version, asUser, asRoot, pause120s } = line;
  return [runtime, version, ...FINDINGS.map((name) => line[name]), asUser, asRoot, pause120s].join('\t');
}
