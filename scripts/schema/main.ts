// docs/schema/replay-report.json says what `loopctl replay -o json` prints, for programs that read it. It is generated
// from the schema the code itself uses; `--check` fails when it no longer says the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';

const FILE = new URL('../../docs/schema/replay-report.json', import.meta.url);

function main(check: boolean): number {
  const schema = { title: 'loopctl replay -o json', ...z.toJSONSchema(REPLAY_REPORT) };
  if (!check) {
    writeFileSync(FILE, `${JSON.stringify(schema, undefined, 2)}\n`);
    return 0;
  }
  // By value: how it is laid out is the formatter's business.
  const written: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
  if (isDeepStrictEqual(written, JSON.parse(JSON.stringify(schema)))) return 0;
  console.error('docs/schema/replay-report.json is not what the report is now.');
  return 1;
}

process.exitCode = main(process.argv.includes('--check'));
