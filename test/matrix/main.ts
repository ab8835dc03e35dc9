/** `npm run -s matrix:protocols -- [--json] [--only postgres/pg,redis] [--keep]`: rows on stdout, progress and complaints on stderr. */
import { parseArgs } from 'node:util';
import { findApps } from './manifest.ts';
import { isGood } from './row.ts';
import type { Line } from './row.ts';
import { runRow } from './run-row.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, only: { type: 'string' }, keep: { type: 'boolean' } },
});

/** Remarks of a row on stderr. */
const SHOWN = 12;

const lines: Line[] = [];
for (const app of findApps(values.only?.split(','))) {
  const line = await runRow(app, { keep: values.keep === true });
  lines.push(line);
  process.stderr.write(`${describe(line)}\n`);
  if (values.json !== true) process.stdout.write(`${table(line)}\n`);
}
if (values.json === true) process.stdout.write(`${JSON.stringify(lines, undefined, 2)}\n`);
process.exitCode = lines.every(isGood) ? 0 : 1;

function describe(line: Line): string {
  const name = `${line.protocol}/${line.driver}`;
  if ('unavailable' in line) return `UNAVAILABLE ${name}: ${line.unavailable}`;
  const summary = `${isGood(line) ? 'good' : 'BAD '} ${name}: ${line.identical} of ${line.statements} identical, ${line.outcome}, ${line.seconds} s`;
  const shown = line.remarks.slice(0, SHOWN).map((remark) => `  ${remark}`);
  const more = line.remarks.length - shown.length;
  return [summary, ...shown, ...(more > 0 ? [`  … and ${more} more (--json has all)`] : [])].join('\n');
}

function table(line: Line): string {
  const { protocol, driver, language } = line;
  const rest =
    'unavailable' in line
      ? ['unavailable']
      : [line.version, line.server, line.statements, line.identical, line.drifted, line.missed, line.outcome];
  return [protocol, driver, language, ...rest].join('\t');
}
