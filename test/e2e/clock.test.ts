/** Services of several runtimes, asked what time it is, in the real sandbox. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, replayIn } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { T0 } from '../support/transaction.ts';

beforeEach(skipWithoutNamespaces);

const RECORDING = { trigger: { answer: { status: 200, body: '{}' } } };

async function asked(project: TestProject, ...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { report } = await replayIn(project, RECORDING, words);
  expect(report.replayed.status, JSON.stringify(report)).toBe(200);
  return { ...(JSON.parse(report.replayed.body ?? '') as Record<string, unknown>), clock: report.clock };
}

function within(value: unknown, near: number, ms: number): boolean {
  return typeof value === 'number' && Math.abs(value - near) < ms;
}

describe('Node', () => {
  const project = () =>
    makeProject(
      nodeService(
        `const worker = new Worker("require('node:worker_threads').parentPort.postMessage(Date.now())", { eval: true });
         const [inWorker] = await once(worker, 'message');
         const began = performance.now();
         await new Promise((done) => setTimeout(done, 100));
         answer(200, {
           now: Date.now(), inWorker, fresh: new Date().getTime(), waited: performance.now() - began,
           child: Number(execFileSync('date', ['+%s%3N'])), origin: performance.timeOrigin,
         });`,
        `import { once } from 'node:events'; import { Worker } from 'node:worker_threads'; import { execFileSync } from 'node:child_process';`,
      ),
    );

  it('has the recorded time, going on: in workers and children too', async () => {
    const { now, inWorker, fresh, child, waited } = await asked(project());
    for (const time of [now, inWorker, fresh, child]) expect(within(time, T0, 1000)).toBe(true);
    expect(within(waited, 100, 90)).toBe(true);
  });

  it('freeze: has the recorded time, and spans go on', async () => {
    const { now, inWorker, fresh, child, waited, clock } = await asked(project(), '--clock', 'freeze');
    expect([now, inWorker, fresh, child]).toEqual([T0, T0, T0, T0]);
    expect(within(waited, 100, 90)).toBe(true);
    expect(clock).toMatchObject({ mode: 'freeze', recordedAt: new Date(T0).toISOString() });
  });

  it('real: has the present time', async () => {
    const { now, child, clock } = await asked(project(), '--clock', 'real');
    expect([within(now, Date.now(), 60_000), within(child, Date.now(), 60_000)]).toEqual([true, true]);
    expect(clock).toMatchObject({ mode: 'real' });
  });
});
