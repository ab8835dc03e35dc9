import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The Envoy that tests run; `npm test` finds or brings one and sets LOOP_ENVOY. */
export function envoyPath(): string {
  const path = process.env['LOOP_ENVOY'];
  if (path === undefined || path === '') {
    throw new Error('LOOP_ENVOY is not set: run the tests with `npm test`, or set it to an Envoy 1.40 binary.');
  }
  return path;
}

/** What Envoy itself says of a bootstrap: 'OK', or its complaint. */
export async function validate(yaml: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'envoy-validate-'));
  const file = join(directory, 'envoy.yaml');
  writeFileSync(file, yaml);
  try {
    await run(envoyPath(), ['--mode', 'validate', '-c', file, '--log-level', 'warning']);
    return 'OK';
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) || error.message : String(error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
