/** A machine with a way out, and a counter of what takes it (outer-network.c). */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NATIVE_DIRECTORY } from '../../replay-sandbox/isolate/linux-namespaces/build-native.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('outer-network.c', import.meta.url));

/**
 * Compiles it into `directory`. The words returned go in front of a command, which then runs in that network; after it, what left through
 * out0 meanwhile is printed to standard error, as `/proc/net/dev` counts it.
 */
export async function outerNetwork(directory: string): Promise<readonly string[]> {
  const program = join(directory, 'outer-network');
  const sources = ['netlink.c', 'report.c', 'identity.c'].map((name) => join(NATIVE_DIRECTORY, name));
  await run('cc', ['-I', NATIVE_DIRECTORY, '-o', program, SOURCE, ...sources]);
  return [program, '/bin/sh', '-c', '"$@"; code=$?; grep out0: /proc/net/dev >&2; exit $code', 'sh'];
}

/** Packets that left, from standard error. */
export function packetsSent(stderr: string): number {
  const line = stderr.split('\n').find((text) => text.trim().startsWith('out0:'));
  if (line === undefined) throw new Error(`There is no count: ${stderr}`);
  return Number(line.trim().split(/\s+/)[10]);
}
