// From `loopctl replay` to the trigger's answer, compared and reported, for a small Node service: how much of it is ours, and where it goes.
//   npm run -s bench:replay -- --json [--runs 11]
// The service itself is measured bare: from its start until it has answered the same request, its one dependency being a server on this machine.
// Twice: from the sources, and built as an installed loopctl is (dist/, built first when it is older than the sources).
// cpuMs is what the processor worked for it, of loopctl, the sandbox and the service together: it hardly depends on who else works.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
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
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const LOOPCTL = { sources: join(REPOSITORY, 'cli/main.ts'), built: join(REPOSITORY, 'dist/cli/main.js') };

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
  /** total without bare. */
  readonly own: number;
  /** Milliseconds of processor time, all processes of the replay. */
  readonly cpu: number;
}

const loadBefore = loadavg()[0];
build();
const project = await makeSmallProject('1.25');
try {
  const sources = await measure(LOOPCTL.sources, project);
  const built = await measure(LOOPCTL.built, project);
  tell({ sources: summed(sources), built: summed(built) });
} finally {
  project.remove();
}

async function measure(loopctl: string, of: SmallProject): Promise<readonly Run[]> {
  await replayed(of, loopctl); // Fills the caches: compiled code, the sandbox's helper.
  const all: Run[] = [];
  for (let run = 0; run < runs; run += 1) {
    const help = ['--disable-warning=ExperimentalWarning', loopctl, 'replay', '--help'];
    const start = await timed(
      async () => void (await once(spawn(process.execPath, help, { stdio: 'ignore' }), 'close')),
    );
    const bare = await timed(() => alone(of));
    const marks = await replayed(of, loopctl);
    all.push({ start, bare, ...marks, stage: marks.stage - start, own: marks.total - bare });
  }
  return all;
}

function build(): void {
  const sources = globSync('{src,storage,replay-sandbox,cli}/**/*.{ts,c,h}', { cwd: REPOSITORY });
  const newest = Math.max(...sources.map((path) => statSync(join(REPOSITORY, path)).mtimeMs));
  if (existsSync(LOOPCTL.built) && statSync(LOOPCTL.built).mtimeMs > newest) return;
  const { status } = spawnSync(process.execPath, ['scripts/build/main.ts'], {
    cwd: REPOSITORY,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('dist/ cannot be built: see above, then npm run build');
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function replayed(of: SmallProject, loopctl: string): Promise<Omit<Run, 'start' | 'bare' | 'own'>> {
  const cpuBefore = cpuOfChildren();
  const began = performance.now();
  const replay = startReplay(of, [], { watched: false, loopctl });
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
    cpu: cpuOfChildren() - cpuBefore,
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

/** Milliseconds, of children that have ended and theirs (proc(5): cutime and cstime, in hundredths of a second); 0 where nobody tells. */
function cpuOfChildren(): number {
  if (!existsSync('/proc/self/stat')) return 0;
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
    .map(Number);
  return ((fields[13] ?? 0) + (fields[14] ?? 0)) * 10;
}

interface Figures {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

function figures(values: readonly number[]): Figures {
  const sorted = values.toSorted((a, b) => a - b).map(Math.round);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? NaN, least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN };
}

function summed(all: readonly Run[]) {
  const of = (name: keyof Run): Figures => figures(all.map((run) => run[name]));
  const phases = {
    start: of('start'),
    stage: of('stage'),
    service: of('service'),
    trigger: of('trigger'),
    after: of('after'),
  };
  return { ownMs: of('own'), totalMs: of('total'), bareMs: of('bare'), cpuMs: of('cpu'), phases };
}

function tell(measured: Readonly<Record<'sources' | 'built', ReturnType<typeof summed>>>): void {
  const result = { runs, goalMs: GOAL_MS, ...measured, loadBefore, loadAfter: loadavg()[0], node: process.version };
  const lines = Object.entries(result).map(([name, value]) => `${name}\t${JSON.stringify(value)}`);
  process.stdout.write(`${values.json === true ? JSON.stringify(result) : lines.join('\n')}\n`);
  process.exitCode = Math.max(measured.sources.ownMs.median, measured.built.ownMs.median) < GOAL_MS ? 0 : 1;
}
