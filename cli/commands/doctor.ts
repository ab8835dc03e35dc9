import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Command } from 'commander';
import type { IsolationName } from '../../replay-sandbox/isolate/backends.ts';
import { ISOLATIONS, isolationBackend, usualIsolation } from '../../replay-sandbox/isolate/backends.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import { dataDirectory } from '../connection.ts';
import type { GlobalOptions } from '../connection.ts';
import { Exit } from '../exit-codes.ts';
import { choice } from '../options.ts';
import { print } from '../output/format.ts';

interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'limited' | 'missing';
  readonly facts: string;
  readonly hint?: string;
}

const NODE_NEEDED = 24;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('try what Loop needs on this machine, and say what is missing')
    .option('-o, --output <format>', 'table or json', choice(['table', 'json']), 'table')
    .action(async (options: { readonly output: string }, command: Command) => {
      const findings = [
        node(),
        ...(await isolations()),
        await envoy(),
        await dataFiles(dataDirectory(command.optsWithGlobals<GlobalOptions>())),
      ];
      if (options.output === 'json') print(JSON.stringify(findings, undefined, 2));
      else findings.forEach(printFinding);
      if (findings.some((finding) => finding.state === 'missing')) process.exitCode = Exit.error;
    });
}

function printFinding({ what, state, facts, hint }: Finding): void {
  print(`${state.padEnd(8)}${what}: ${facts}`);
  if (hint !== undefined) print(`        Try: ${hint}`);
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_NEEDED) return { what: 'Node', state: 'ok', facts: process.version };
  return {
    what: 'Node',
    state: 'missing',
    facts: `${process.version}; Loop needs ${NODE_NEEDED}`,
    hint: 'npm run -s loopctl -- doctor, which brings Node 24 itself',
  };
}

/** Each backend is tried; the usual one of this machine is the one that must be there. */
async function isolations(): Promise<readonly Finding[]> {
  const usual = usualIsolation(process.platform);
  return Promise.all(ISOLATIONS.map(async (name) => isolation(name, name === usual)));
}

async function isolation(name: IsolationName, isUsual: boolean): Promise<Finding> {
  const probe = await isolationBackend(name, () => systemClock().now()).probe();
  const what = `isolation by ${name}${isUsual ? ' (used)' : ''}`;
  if (!probe.available)
    return {
      what,
      state: isUsual ? 'missing' : 'limited',
      facts: probe.reason ?? 'not available',
      ...(probe.hint !== undefined && { hint: probe.hint }),
    };
  const facts = probe.limits.length === 0 ? 'complete' : probe.limits.join(' ');
  const hint = isUsual ? {} : { hint: `--isolation ${name}, for Node services` };
  return { what, state: probe.limits.length === 0 ? 'ok' : 'limited', facts, ...hint };
}

/** Only the demo and the tests run an Envoy of their own. */
async function envoy(): Promise<Finding> {
  const named = process.env['LOOP_ENVOY'];
  const candidates =
    named === undefined
      ? (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, 'envoy'))
      : [named];
  for (const path of candidates) {
    if (await isExecutable(path)) return { what: 'Envoy', state: 'ok', facts: path };
  }
  return {
    what: 'Envoy',
    state: 'limited',
    facts: 'not found; only the demo needs one here',
    hint: 'npm run demo, which brings Envoy itself, or set LOOP_ENVOY',
  };
}

async function dataFiles(directory: string): Promise<Finding> {
  const exists = await access(directory).then(
    () => true,
    () => false,
  );
  if (!exists) return { what: 'data', state: 'ok', facts: `${directory} will be made when it is needed` };
  const writable = await access(directory, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable) return { what: 'data', state: 'ok', facts: directory };
  return {
    what: 'data',
    state: 'missing',
    facts: `${directory} cannot be written`,
    hint: 'Give it to this user, or name another with --data.',
  };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
