/** A small service and a recorded failure of it in a directory of their own, and replays of it that are watched from outside. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { watchTree } from './leftovers.ts';
import type { Leftovers, Watch } from './leftovers.ts';
import { writeRecording } from './recording.ts';

const LOOPCTL = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/** The service asks this once and fails. */
const RATES = 'rates.test';

export interface SmallProject {
  readonly root: string;
  readonly directory: string;
  /** What the replay must find: another one has another. */
  readonly rate: string;
  readonly file: string;
  remove(): void;
}

/** `body` runs for each request but health, with `rate`, once that was fetched. */
export async function makeSmallProject(
  rate: string,
  body = `answer(500, { rate });`,
  number = 1,
): Promise<SmallProject> {
  const root = mkdtempSync(join(tmpdir(), 'small-project-'));
  const directory = join(root, 'home', 'project');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, 'loop.yaml'),
    'version: 1\nservices:\n  orders: { command: [node, server.mjs], port: 8080, ready: /healthz }\n',
  );
  writeFileSync(join(directory, 'server.mjs'), service(body));
  const calls = [{ path: '/v1/rate', authority: RATES, answer: { status: 200, body: JSON.stringify({ rate }) } }];
  const answer = { status: 500, body: JSON.stringify({ rate }) };
  const trigger = { method: 'POST', path: '/orders', answer };
  const file = await writeRecording(root, { service: 'orders', trigger, calls, number });
  return { root, directory, rate, file, remove: () => rmSync(root, { recursive: true, force: true }) };
}

function service(body: string): string {
  return `
import { createServer, get } from 'node:http';
const ask = () => new Promise((resolve, reject) => {
  get({ hostname: process.env.RATES_PORT ? '127.0.0.1' : '${RATES}', port: process.env.RATES_PORT ?? 80, path: '/v1/rate' }, (got) => {
    let said = '';
    got.on('data', (chunk) => (said += chunk)).on('end', () => resolve(JSON.parse(said).rate));
  }).on('error', reject);
});
createServer(async (request, response) => {
  const answer = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/healthz') return answer(200, {});
  const rate = await ask();
  ${body}
}).listen(Number(process.env.PORT));
`;
}

export interface WatchedReplay {
  readonly child: ChildProcess;
  /** Resolves once it said so, on stderr unless told otherwise; rejects when it ends before. */
  said(text: string, stream?: 'stdout' | 'stderr'): Promise<void>;
  readonly ended: Promise<Watched>;
}

export interface Watched {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly left: Leftovers;
  readonly seen: Watch['seen'];
}

const NOTHING: Leftovers = { processes: [], namespaces: [], mounts: [], ports: [], files: [] };

let count = 0;

/** `loopctl replay` of it, with a temporary directory of its own below the project's root. Watching takes time: who measures, does not. */
export function startReplay(
  { root, directory, file }: SmallProject,
  words: readonly string[] = [],
  { watched = true, loopctl = LOOPCTL } = {},
): WatchedReplay {
  const temporary = join(root, `tmp-${(count += 1)}`);
  mkdirSync(temporary);
  const { HOME, PATH } = process.env;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', loopctl, 'replay', file, '-o', 'json', ...words],
    { cwd: directory, env: { HOME, PATH, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const watch = watched ? watchTree(child.pid ?? 0, temporary) : undefined;
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      child.emit('said');
    });
  const ended = once(child, 'exit').then(async ([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    left: (await watch?.left()) ?? NOTHING,
    seen: watch?.seen ?? { processes: 0, namespaces: 0 },
    ...output,
  }));
  return {
    child,
    ended,
    async said(text, stream = 'stderr') {
      const over = new AbortController();
      void ended.then((end) => over.abort(new Error(`it ended without saying ${text}: ${JSON.stringify(end)}`)));
      while (!output[stream].includes(text)) await once(child, 'said', { signal: over.signal });
    },
  };
}
