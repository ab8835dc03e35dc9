// console/dist: the page, and the support button as one script without a module around it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { firstLoad, sizeReport } from './console-size.ts';

const CONSOLE = join(import.meta.dirname, '..', '..', 'console');
const BUTTON = join(CONSOLE, 'support-button', 'main.ts');

/** Rejects with what the bundler says. `outDir` is emptied first. */
export async function buildConsole(outDir = join(CONSOLE, 'dist')): Promise<void> {
  await build({
    configFile: join(CONSOLE, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir, emptyOutDir: true },
  });
  if (existsSync(BUTTON)) await buildButton(outDir);
}

/** Its name is part of what people write into their pages, so it has no digest in it. */
async function buildButton(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: CONSOLE,
    publicDir: false,
    logLevel: 'warn',
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      lib: { entry: BUTTON, name: 'LoopSupport', formats: ['iife'], fileName: () => 'support-button.js' },
    },
  });
}

if (import.meta.main) {
  await buildConsole();
  console.error(sizeReport(firstLoad(join(CONSOLE, 'dist'))));
}
