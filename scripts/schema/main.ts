// docs/schema says what `loopctl replay -o json` and `loopctl verify -o json` print, for programs that read it. It is generated
// from the schemas the code itself uses; `--check` fails when it no longer says the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import { VERIFY_REPORT } from '../../replay-sandbox/verify/report.ts';

const REPORTS = { replay: REPLAY_REPORT, verify: VERIFY_REPORT };

function main(check: boolean): number {
  const stale = Object.entries(REPORTS).filter(([command, report]) => !isUpToDate(command, report, check));
  for (const [command] of stale) console.error(`docs/schema/${command}-report.json is not what the report is now.`);
  return stale.length === 0 ? 0 : 1;
}

function isUpToDate(command: string, report: z.ZodType, check: boolean): boolean {
  const file = new URL(`../../docs/schema/${command}-report.json`, import.meta.url);
  const schema = { title: `loopctl ${command} -o json`, ...z.toJSONSchema(report) };
  if (!check) writeFileSync(file, `${JSON.stringify(schema, undefined, 2)}\n`);
  // By value: how it is laid out is the formatter's business.
  const written: unknown = JSON.parse(readFileSync(file, 'utf8'));
  return isDeepStrictEqual(written, JSON.parse(JSON.stringify(schema)));
}

process.exitCode = main(process.argv.includes('--check'));
