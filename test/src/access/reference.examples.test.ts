/** What docs/SUPPORT.md tells people to copy, run as they would. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readReference } from '../../../src/access/reference.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const DOCS = join(import.meta.dirname, '..', '..', '..', 'docs', 'SUPPORT.md');
const SECRET = 'f'.repeat(64);
const CALL = "'42', 'anna', 'ticket “811”'";

function example(language: string): string {
  const block = new RegExp(String.raw`\`\`\`${language}\n([\s\S]*?)\n *\`\`\``).exec(readFileSync(DOCS, 'utf8'))?.[1];
  if (block === undefined) throw new Error(`docs/SUPPORT.md has no example in ${language}.`);
  return block.replaceAll(/^ {3}/gm, '');
}

it.each([
  ['Node', 'js', process.execPath, 'sign.mjs', `console.log(loopReference(${CALL}));`],
  ['Python', 'python', 'python3', 'sign.py', `print(loop_reference(${CALL}))`],
])('a reference that the example in %s signs is read', async (_name, language, program, file, call) => {
  if (spawnSync(program, ['--version']).error !== undefined) throw new Error(`There is no ${program}.`);
  const cwd = temporaryDirectory();
  writeFileSync(join(cwd, 'helpdesk.secret'), `${SECRET}\n`);
  writeFileSync(join(cwd, file), `${example(language)}\n${call}\n`);
  const signed = execFileSync(program, [file], { cwd, encoding: 'utf8' }).trim();
  const tools = [{ name: 'helpdesk', secrets: [Buffer.from(SECRET)] }];
  expect(await readReference(signed, tools, Date.now())).toMatchObject({
    kind: 'reference',
    user: '42',
    agent: 'anna',
    reason: 'ticket “811”',
    forMs: 600_000,
  });
});
