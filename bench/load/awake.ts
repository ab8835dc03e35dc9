import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildC } from './build.ts';

/**
 * Keeps a core from sleeping until the promise of the returned function is fulfilled. A core that sleeps forgets its caches and slows down, and what
 * waking it takes is charged to the process that it wakes for; beside live traffic no core sleeps. Throws where the system has no such thing.
 */
export async function keepAwake(core: number): Promise<() => Promise<void>> {
  const child = spawn(buildC(new URL('./awake.c', import.meta.url), ['-pthread']), [String(core)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const began = await Promise.race([once(child.stdout, 'data').then(() => true), exited.then(() => false)]);
  if (!began) throw new Error(`Core ${core} cannot be kept awake.`);
  return async () => {
    child.stdin.end();
    await exited;
  };
}
