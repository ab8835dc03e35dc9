// npm run build: dist/ with JavaScript and the files that the code reads at run time, in the places where it looks.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { firstLoad, sizeReport } from './console-size.ts';
import { buildConsole } from './console.ts';

const OUT = 'dist';

/** Folders whose other files (protos, SQL, templates) the code reads relative to itself. */
const WITH_ASSETS = ['src', 'storage', 'replay-sandbox', 'cli', 'protos', 'console/dist', 'examples/shop'];

const COMPILED = new Set(['.ts', '.map']);

async function main(): Promise<number> {
  rmSync(OUT, { recursive: true, force: true });
  const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  const { status } = spawnSync(process.execPath, compiler, { stdio: 'inherit' });
  if (status !== 0) return status ?? 1;
  await buildConsole();
  console.error(sizeReport(firstLoad('console/dist')));
  for (const folder of WITH_ASSETS) copyAssets(folder);
  cpSync('package.json', join(OUT, 'package.json'));
  makeExecutable();
  console.error(`built ${OUT}/`);
  return 0;
}

function copyAssets(folder: string): void {
  if (!existsSync(folder)) return;
  const filter = (path: string): boolean => statSync(path).isDirectory() || !COMPILED.has(extname(path));
  cpSync(folder, join(OUT, folder), { recursive: true, filter });
}

/** npm does this when it links the package; here it lets dist/cli/main.js be started as it is. */
function makeExecutable(): void {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
  for (const path of Object.values(bin)) if (existsSync(path)) chmodSync(path, 0o755);
}

process.exitCode = await main();
