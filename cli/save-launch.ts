/** How a person's editor attaches to a replay, kept in the project: `.vscode/launch.json` and `.run/loop-replay.run.xml`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ParseError } from 'jsonc-parser';
import { applyEdits, findNodeAtLocation, getNodeValue, modify, parseTree } from 'jsonc-parser';
import type { AttachHelp } from '../replay-sandbox/debug/debugger.ts';
import { ReplayError } from '../replay-sandbox/error.ts';

const EMPTY = '{\n  "version": "0.2.0",\n  "configurations": []\n}\n';
const FORMAT = { formattingOptions: { tabSize: 2, insertSpaces: true } };

/** The files that were written. Throws ReplayError `bad-config` when launch.json cannot be read. */
export function saveLaunch(directory: string, { vscode, jetbrains }: AttachHelp): readonly string[] {
  const launch = join(directory, '.vscode', 'launch.json');
  write(launch, withConfiguration(textOf(launch) ?? EMPTY, vscode, launch));
  if (jetbrains === '') return [launch];
  const run = join(directory, '.run', 'loop-replay.run.xml');
  write(run, jetbrains);
  return [launch, run];
}

/** Only the entry of the same name is another then: comments, order and commas of the others stay. */
export function withConfiguration(text: string, entry: Readonly<Record<string, unknown>>, file: string): string {
  const whole = text.trim() === '' ? EMPTY : text;
  const errors: ParseError[] = [];
  const root = parseTree(whole, errors, { allowTrailingComma: true });
  const list = root === undefined ? undefined : findNodeAtLocation(root, ['configurations']);
  if (errors.length > 0 || root?.type !== 'object' || (list !== undefined && list.type !== 'array'))
    throw new ReplayError(
      'bad-config',
      `${file} is no list of configurations that can be read.`,
      'Mend it, or leave out --save-launch.',
    );
  if (list === undefined) return applyEdits(whole, modify(whole, ['configurations'], [entry], FORMAT));
  const entries = (list.children ?? []).map((node) => getNodeValue(node) as { readonly name?: unknown } | null);
  const known = entries.findIndex((one) => one?.name === entry['name']);
  const edits =
    known < 0
      ? modify(whole, ['configurations', entries.length], entry, { ...FORMAT, isArrayInsertion: true })
      : modify(whole, ['configurations', known], entry, FORMAT);
  return applyEdits(whole, edits);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
