/** The runtimes of the table: what is run, where it is stopped, and who attaches. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from '../../scripts/bootstrap/processes.mjs';
import type { App } from '../matrix/manifest.ts';
import { goCompiler } from '../matrix/toolchains/go.ts';
import type { Prepared } from '../matrix/toolchains/toolchain.ts';
import { TOOLCHAINS } from '../matrix/toolchains/toolchains.ts';
import { goPath } from '../support/go-tools.ts';
import { native } from './native.ts';

const APPS = fileURLToPath(new URL('apps', import.meta.url));
const MARK = 'BREAK';

export const NAMES = ['node', 'python', 'go', 'java', 'native'] as const;
export type RuntimeName = (typeof NAMES)[number];

export interface Runtime {
  readonly name: RuntimeName;
  /** The file with the line marked BREAK, where `total` is 4217. */
  readonly source: string;
  readonly line: number;
  /** Of the runtime itself. */
  readonly version: string;
  readonly prepared: Prepared;
  /** PATH with what its debugger needs. */
  readonly path: string;
}

interface Kind {
  readonly source: string;
  readonly words: readonly string[];
  /** For the version of a driver, which nobody asks for here. */
  readonly driver: string;
  readonly version: () => string | undefined;
}

const KINDS: Readonly<Record<RuntimeName, Kind>> = {
  node: { source: 'main.js', words: ['node', 'main.js'], driver: 'pg', version: () => process.version },
  python: {
    source: 'main.py',
    words: ['python3', 'main.py'],
    driver: 'redis',
    version: () => ask('python3', ['--version']),
  },
  go: { source: 'main.go', words: [], driver: 'google.golang.org/grpc', version: () => ask(goCompiler(), ['version']) },
  java: {
    source: 'Main.java',
    words: ['java', 'Main'],
    driver: 'org.postgresql:postgresql',
    version: () => ask('java', ['--version']),
  },
  native: { source: 'main.c', words: [], driver: 'cc', version: () => ask('cc', ['--version']) },
};

/** Built, or why it cannot be had here. */
export async function prepareRuntime(name: RuntimeName): Promise<Runtime | { readonly unavailable: string }> {
  const { source, words, driver, version } = KINDS[name];
  const app: App = {
    protocol: 'runtimes',
    driver: `runtimes-${name}`,
    language: name === 'native' ? 'node' : name,
    packages: { [driver]: '*' },
    command: [...words],
    workload: 'the same loop in each language',
    name: name === 'java' ? name : '.',
    root: join(APPS, name),
    directory: join(APPS, name),
    debuggable: true,
  };
  try {
    const prepared = await (name === 'native' ? native : TOOLCHAINS[name])(app);
    if (prepared.kind === 'lacking') return { unavailable: prepared.reason };
    const file = join(app.directory, source);
    const path = name === 'go' ? goPath() : (process.env['PATH'] ?? '');
    return { name, path, source: file, line: lineOf(file), version: version()?.split('\n')[0]?.trim() ?? '', prepared };
  } catch (error) {
    return { unavailable: error instanceof Error ? error.message : String(error) };
  }
}

function lineOf(file: string): number {
  const index = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((line) => line.trimEnd().endsWith(MARK) || line.includes(`${MARK} */`));
  if (index === -1) throw new Error(`no line of ${file} is marked ${MARK}`);
  return index + 1;
}
