/** A Node process that waits for a debugger, on a port of the system's choice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary.ts';

export interface Inspected {
  readonly port: number;
  /** The script. */
  readonly file: string;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string }>;
}

export async function startInspected(script: string): Promise<Inspected> {
  const file = join(temporaryDirectory(), 'script.mjs');
  writeFileSync(file, script);
  const child = spawn(process.execPath, ['--inspect-wait=127.0.0.1:0', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout }));
  for (;;) {
    const [, port] = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(stderr) ?? [];
    if (port !== undefined) return { port: Number(port), file, ended };
    const [chunk] = (await once(child.stderr, 'data')) as [Buffer];
    stderr += chunk.toString();
  }
}
