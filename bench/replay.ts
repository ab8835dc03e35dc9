// From `loopctl replay` to the trigger's answer, compared and reported, for a small Node service: how much of it is ours, and where it goes.
//   npm run -s bench:replay -- --json [--runs 11]
// The service itself is measured bare: from its start until it has answered the same request, its one dependency being a server on this machine.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort } from '../test/support/server-process.ts';
import { makeSmallProject, startReplay } from '../test/support/watched-replay.ts';
import type { SmallProject } from '../test/support/watched-replay.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean' }, runs: { type: 'string', default: '11' } } });
const runs = Number(values.runs);
const GOAL_MS = 1000;
const LOOPCTL = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

const STANDS = 'recorded peers answer from the recording';
const READY = 'the service is ready';

/** Milliseconds from one to the next. */
interface Run {
  /** loopctl, up to where it knows what it is asked: `loopctl replay --help`. */
  readonly start: number;
  /** Recording opened, planned, sandbox and mocks up. */
  readonly stage: number;
  /** Service launched, until it is ready. */
  readonly service: number;
  /** Trigger sent, answered, compared: until the report is there. */
  readonly trigger: number;
  /** Until loopctl has ended. */
  readonly after: number;
  /** From the start to the report. */
  readonly total: number;
  /** The service alone. */
  readonly bare: number;
}

const project = await makeSmallProject('1.25');
try {
  await replayed(project); // Fills the caches: compiled code, the sandbox's helper.
  const all: Run[] = [];
  for (let run = 0; run < runs; run += 1) {
    const start = await timed(async () => {
      await once(
        spawn(process.execPath, ['--disable-warning=ExperimentalWarning', LOOPCTL, 'replay', '--help']),
        'close',
      );
    });
    const bare = await timed(() => alone(project));
    const marks = await replayed(project);
    all.push({ start, bare, ...marks, stage: marks.stage - start });
  }
  tell(all);
} finally {
  project.remove();
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function replayed(of: SmallProject): Promise<Pick<Run, 'stage' | 'service' | 'trigger' | 'after' | 'total'>> {
  const began = performance.now();
  const replay = startReplay(of, [], { watched: false });
  const at = async (text: string, stream?: 'stdout'): Promise<number> => {
    await replay.said(text, stream);
    return performance.now();
  };
  const [stands, ready, answered] = await Promise.all([at(STANDS), at(READY), at('{', 'stdout')]);
  const { code, stderr } = await replay.ended;
  if (code !== 0) throw new Error(`loopctl replay ended with ${String(code)}: ${stderr}`);
  return {
    stage: stands - began,
    service: ready - stands,
    trigger: answered - ready,
    after: performance.now() - answered,
    total: answered - began,
  };
}

/** The same program without Loop, asked until it is ready, then once. */
async function alone({ directory, rate }: SmallProject): Promise<void> {
  const rates = createServer((_, response) => response.end(JSON.stringify({ rate }))).listen(0, '127.0.0.1');
  await once(rates, 'listening');
  const port = await freePort();
  const env = {
    PATH: process.env['PATH'],
    PORT: String(port),
    RATES_PORT: String((rates.address() as AddressInfo).port),
  };
  const child = spawn(process.execPath, [join(directory, 'server.mjs')], { env, stdio: 'ignore' });
  try {
    while (!(await isReady(port))) await delay(5);
    const response = await fetch(`http://127.0.0.1:${port}/orders`, { method: 'POST' });
    if (response.status !== 500) throw new Error(`the service alone answered ${response.status}`);
    await response.text();
  } finally {
    child.kill('SIGKILL');
    rates.close().closeAllConnections();
    await once(child, 'close');
  }
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/healthz`).then(
    (response) => response.ok,
    () => false,
  );
}

function tell(all: readonly Run[]): void {
  const median = (of: (run: Run) => number): number =>
    Math.round(all.map(of).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN);
  const own = median(({ total, bare }) => total - bare);
  const phases = Object.fromEntries(
    (['start', 'stage', 'service', 'trigger', 'after'] as const).map((name) => [name, median((run) => run[name])]),
  );
  const result = {
    runs: all.length,
    own,
    goal: GOAL_MS,
    total: median(({ total }) => total),
    bare: median((run) => run.bare),
    phases,
    loadBefore: loadavg()[0],
    node: process.version,
  };
  const lines = Object.entries(result).map(([name, value]) => `${name}\t${JSON.stringify(value)}`);
  process.stdout.write(`${values.json === true ? JSON.stringify(result) : lines.join('\n')}\n`);
  process.exitCode = own < GOAL_MS ? 0 : 1;
}
