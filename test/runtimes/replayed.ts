/** One `loopctl replay` of a recorded service, watched from outside. */
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { watchTree } from '../support/leftovers.ts';
import type { Leftovers, Watch } from '../support/leftovers.ts';
import type { Runtime } from './runtimes.ts';
import { asUser, isRoot, ORDINARY } from './user.ts';
import type { UserName } from './user.ts';
import { SERVICE } from './world.ts';
import type { Recorded } from './world.ts';

const LOOPCTL = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const PORT = 8080;

/** Dialled in the replay, and never before. */
export const EXTRA = ['unrecorded.matrix.test:4444', '203.0.113.7:4444'] as const;

export interface Replay {
  readonly runtime: Runtime;
  readonly recorded: Recorded;
  readonly user: UserName;
  /** After `replay <file> -o json`. */
  readonly words: readonly string[];
  /** Milliseconds; then it is killed. */
  readonly within: number;
  /** Told everything that loopctl and the service say on stderr. */
  readonly onSaid?: (text: string) => void;
}

export interface Replayed {
  readonly report: ReplayReport;
  /** What loopctl told, with what the service said. */
  readonly said: string;
  readonly left: Leftovers;
  readonly seen: Watch['seen'];
}

/** Throws with its last words when there is no report; a limit when this user cannot be had. */
export async function replay(request: Replay): Promise<Replayed | { readonly limit: string }> {
  const place = new Place(request.user);
  try {
    const command = place.command(request);
    return 'limit' in command ? command : await run(request, place, command);
  } finally {
    rmSync(place.root, { recursive: true, force: true });
  }
}

/** Of one replay: a project, a home, a temporary directory. */
class Place {
  readonly root = mkdtempSync(join(tmpdir(), 'runtimes-replay-'));
  readonly #user: UserName;

  constructor(user: UserName) {
    this.#user = user;
    for (const name of ['.', 'home', 'home/project', 'tmp', 'seen']) {
      mkdirSync(join(this.root, name), { recursive: true });
      if (user === 'user' && isRoot()) chownSync(join(this.root, name), ORDINARY, ORDINARY);
    }
  }

  at(name: string): string {
    return join(this.root, name);
  }

  command({ runtime, recorded, words }: Replay): readonly string[] | { readonly limit: string } {
    const env = { ...recorded.env, EXTRA: EXTRA.join(' ') };
    const services = { [SERVICE]: { port: PORT, ready: '/ready', env } };
    writeFileSync(join(this.at('home/project'), 'loop.yaml'), stringify({ version: 1, services }));
    const loopctl = [process.execPath, '--disable-warning=ExperimentalWarning', LOOPCTL];
    const replayed = [...loopctl, 'replay', recorded.file, '-o', 'json', ...words, '--', ...runtime.prepared.command];
    const [program = ''] = runtime.prepared.command;
    const programs = isAbsolute(program) ? [program] : [];
    return asUser(this.#user, replayed, { mounts: this.at('seen'), programs });
  }
}

async function run(request: Replay, place: Place, [program = '', ...words]: readonly string[]): Promise<Replayed> {
  const child = spawn(program, words, {
    cwd: place.at('home/project'),
    env: { PATH: request.runtime.path, HOME: place.at('home'), TMPDIR: place.at('tmp') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watch = watchTree(child.pid ?? 0, place.at('tmp'));
  let stdout = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    request.onSaid?.(said);
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), request.within);
  await once(child, 'close');
  clearTimeout(timer);
  const left = await watch.left();
  if (stdout === '') throw new Error(`loopctl replay gave no report; its last words: ${said.slice(-4000)}`);
  return { report: REPLAY_REPORT.parse(JSON.parse(stdout)), said, left, seen: watch.seen };
}
