import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Protocol } from 'devtools-protocol';
import { ModuleKind, transpileModule } from 'typescript';
import { describe, expect, it } from 'vitest';
import { Breakpoints } from '../../../../replay-sandbox/debug/node/breakpoints.ts';
import { Scripts } from '../../../../replay-sandbox/debug/node/scripts.ts';
import { startInspected } from '../../../support/inspected.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

const TEXT = `interface Order {
  readonly price: number;
}

// Halves it.
export function half({ price }: Order): number {

  const result: number = price / 2;
  return result;
}
console.log(half({ price: 3 }));
`;

const { outputText, sourceMapText = '' } = transpileModule(TEXT, {
  compilerOptions: { module: ModuleKind.ES2022, sourceMap: true, removeComments: true },
  fileName: 'half.ts',
});
const CODE = outputText.slice(0, outputText.indexOf('//# sourceMappingURL'));

/** What the inspector tells of a script in a folder with these files. */
function parsed(sourceMapURL: string, files: Readonly<Record<string, string>> = {}): [Scripts, string] {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'dist'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const url = pathToFileURL(join(directory, 'dist', 'half.js')).href;
  const scripts = new Scripts(directory);
  scripts.add({ scriptId: '7', url, sourceMapURL } as Protocol.Debugger.ScriptParsedEvent);
  return [scripts, directory];
}

const withSources = (...sources: readonly string[]): string =>
  JSON.stringify({ ...(JSON.parse(sourceMapText) as object), sources, sourcesContent: [TEXT] });
const RETURN = { scriptId: '7', lineNumber: CODE.split('\n').findIndex((line) => line.includes('return')) };

describe('a script that was compiled', () => {
  it('knows its lines as they were written, by the map beside it', async () => {
    const files = { 'half.ts': TEXT, 'dist/half.js.map': withSources('../half.ts') };
    const [scripts, directory] = parsed('half.js.map', files);
    const place = { file: 'half.ts', line: 9 };
    expect(await scripts.compiled('7', place)).toEqual({ ...RETURN, columnNumber: 4 });
    expect(await scripts.written({ ...RETURN, columnNumber: 4 })).toEqual({
      ...place,
      file: join(directory, 'half.ts'),
      text: TEXT,
    });
  });

  it.each([['src/half.ts'], ['./half.ts'], ['half.ts']])('is meant by %s', async (file) => {
    const [scripts] = parsed('half.js.map', { 'dist/half.js.map': withSources('../src/half.ts') });
    expect(await scripts.isCompiledFrom('7', { file, line: 1 })).toBe(true);
    expect(await scripts.isCompiledFrom('7', { file: 'alf.ts', line: 1 })).toBe(false);
  });

  it('slides to the next line with code; behind the last there is none', async () => {
    const [scripts] = parsed('half.js.map', { 'dist/half.js.map': withSources('../half.ts') });
    const to = async (line: number) => (await scripts.compiled('7', { file: 'half.ts', line }))?.lineNumber;
    expect([await to(7), await to(8), await to(99)]).toEqual([RETURN.lineNumber - 1, RETURN.lineNumber - 1, undefined]);
  });
});

it('a map may name a file outside the project: it is not shown', async () => {
  const named = { ...(JSON.parse(sourceMapText) as object), sources: ['/proc/self/environ'], sourcesContent: [null] };
  const [scripts] = parsed('half.js.map', { 'dist/half.js.map': JSON.stringify(named) });
  expect(await scripts.written({ ...RETURN, columnNumber: 4 })).toMatchObject({ file: '/proc/self/environ', text: '' });
});

describe('a script that stands for itself', () => {
  it.each([
    ['has no map', ''],
    ['has a map that is not there', 'gone.js.map'],
    ['has a map elsewhere', 'https://example.test/half.js.map'],
    ['has a map that is none', 'data:application/json;base64,bm9uZQ=='],
    ['has a map that is another’s file', 'file:///proc/self/environ'],
    ['has an address that is none', 'http://['],
  ])('%s', async (_what, sourceMapURL) => {
    const [scripts, directory] = parsed(sourceMapURL);
    expect(await scripts.written(RETURN)).toBeUndefined();
    expect(await scripts.compiled('7', { file: 'half.ts', line: 9 })).toBeUndefined();
    expect(scripts.file('7')).toBe(join(directory, 'dist', 'half.js'));
  });
});

it('a script that a loader has compiled under its own name stops at the line that was written', async () => {
  const map = Buffer.from(withSources('script.mjs')).toString('base64');
  const { port, ended } = await startInspected(`${CODE}//# sourceMappingURL=data:application/json;base64,${map}\n`);
  const place = { file: 'script.mjs', line: 9 };
  const breakpoints = await Breakpoints.attach({
    port,
    breakpoints: [place],
    over: new AbortController().signal,
    projectDirectory: '/nowhere',
  });
  await breakpoints.start();
  expect((await ended).stdout).toBe('1.5\n');
  expect(breakpoints.bound()).toEqual([place]);
  expect(breakpoints.shown()).toMatchObject([{ ...place, source: 'return result;', function: 'half' }]);
  expect(breakpoints.hits()).toBe(1);
});
