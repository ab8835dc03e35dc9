import { mkdir, mkdtemp, readFile, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, onTestFinished } from 'vitest';
import type { Dial, Isolation, IsolationRequest } from '../../replay-sandbox/isolate/isolation.ts';
import { linuxNamespaces } from '../../replay-sandbox/isolate/linux-namespaces/backend.ts';

export interface Places {
  /** Holds the other two; removed after the test. */
  readonly root: string;
  readonly project: string;
  readonly home: string;
}

export async function makePlaces(): Promise<Places> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'loop-test-')));
  onTestFinished(async () => await rm(root, { recursive: true, force: true }));
  const places = { root, project: join(root, 'home', 'project'), home: join(root, 'home') };
  await mkdir(places.project, { recursive: true });
  return places;
}

export async function openSandbox(places: Places, request: Partial<IsolationRequest> = {}): Promise<Isolation> {
  const sandbox = await linuxNamespaces().open({
    projectDirectory: places.project,
    homeDirectory: places.home,
    binds: new Map(),
    hiddenUnixSockets: 'all',
    ...request,
  });
  onTestFinished(async () => await sandbox.close());
  return sandbox;
}

/** For `beforeEach`: a machine that cannot make sandboxes says so, instead of failing every test. */
export async function skipWithoutNamespaces(context: TestContext): Promise<void> {
  probe ??= linuxNamespaces().probe();
  const { available, reason } = await probe;
  if (!available) context.skip(reason);
}

let probe: ReturnType<ReturnType<typeof linuxNamespaces>['probe']> | undefined;

/** A program that runs in the sandbox, seen from the test. */
export interface Running {
  readonly pid: number;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Resolves when its standard output holds the text, with all of it so far; rejects when it ends before. */
  readonly said: (text: string) => Promise<string>;
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** Runs a Node script in the sandbox, as a service is. */
export async function runScript(sandbox: Isolation, cwd: string, script: string): Promise<Running> {
  return await runCommand(sandbox, cwd, [process.execPath, '--input-type=module', '-e', script]);
}

export async function runCommand(sandbox: Isolation, cwd: string, command: readonly string[]): Promise<Running> {
  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  const launched = await sandbox.launch(command, {
    cwd,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    onOutput: (stream, chunk) => {
      output[stream] += chunk.toString();
      waiting.forEach((look) => look());
    },
  });
  const ended = launched.exited.then((exit) => ({ ...exit, ...output }));
  const said = async (text: string): Promise<string> =>
    await new Promise((resolve, reject) => {
      const look = (): void => void (output.stdout.includes(text) && resolve(output.stdout));
      waiting.add(look);
      look();
      void ended.then((end) => reject(new Error(`ended without saying "${text}": ${JSON.stringify(end)}`)));
    });
  return { pid: launched.pid, kill: launched.kill, said, ended };
}

/** What the service dialled, without what every program's start dials (the name service cache). */
export function collectDials(sandbox: Isolation): readonly Dial[] {
  const dials: Dial[] = [];
  sandbox.onDial((dial) => {
    if (!dial.address.includes('nscd')) dials.push(dial);
  });
  return dials;
}

/** Command lines of this machine's processes that hold the marker. */
export async function processesWith(marker: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(ids.map(async (id) => await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(marker));
}
