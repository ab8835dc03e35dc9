/** Go's compiler, outside the sandbox. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ReplayError } from '../../error.ts';

const run = promisify(execFile);

/** A runtime that is new is built with everything above it: a minute on a small machine, once. */
const BUILD_MS = 600_000;
const MOST_LINES = 12;
const MOST_OUTPUT = 16 * 1024 * 1024;

interface BuildPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The compiler's first lines when it fails; undefined: it is built. Throws ReplayError `interrupted`. */
export async function goBuild(
  go: string,
  words: readonly string[],
  place: BuildPlace,
  interrupt?: AbortSignal,
): Promise<string | undefined> {
  // By SIGINT it clears away what it was about to build.
  const options = { ...place, timeout: BUILD_MS, killSignal: 'SIGINT', maxBuffer: MOST_OUTPUT } as const;
  try {
    await run(go, ['build', ...words], { ...options, signal: interrupt });
    return undefined;
  } catch (error) {
    if (interrupt?.aborted === true)
      throw new ReplayError('interrupted', 'The replay was interrupted while Go built the service.', 'Start it again.');
    return said(error);
  }
}

function said(error: unknown): string {
  if (error instanceof Error && 'killed' in error && error.killed === true)
    return `it was not ready after ${BUILD_MS / 60_000} minutes`;
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return text === '' ? String(error) : text.split('\n').slice(0, MOST_LINES).join('\n');
}
