import { expect, it } from 'vitest';
import { spawnGroup } from '../../../replay-sandbox/isolate/spawn-group.ts';

it('has ended when its first process has, also when what left its group holds the output open', async () => {
  let said = '';
  const script = `const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { detached: true, stdio: 'inherit' });
    child.unref();
    console.log(child.pid);
    process.exitCode = 3;`;
  const { exited } = await spawnGroup([process.execPath, '-e', script], {
    cwd: '/tmp',
    env: {},
    onOutput: (_stream, chunk) => (said += chunk.toString()),
  });
  expect(await exited).toEqual({ code: 3, signal: null });
  const left = Number(said);
  // It ran on until here.
  expect(process.kill(left, 'SIGKILL')).toBe(true);
});
