/** Second half of a row: the same app under `loopctl replay`, with another pool and another order, while nothing it knew is up. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { TARGET } from './place.ts';
import { start } from './processes.ts';
import type { Ended } from './processes.ts';
import { SERVICE } from './recorded.ts';
import type { Recorded, RowPlace } from './recorded.ts';

const LOOPCTL = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const PORT = 8080;
const LIMIT_MS = 120_000;

export interface Replayed {
  readonly report: ReplayReport;
  /** What the app printed, for remarks. */
  readonly said: string;
}

export async function replay(
  place: RowPlace,
  recorded: Recorded,
  serverEnv: Readonly<Record<string, string>>,
): Promise<Replayed> {
  const { directory, kind, prepared } = place;
  const port = kind.transport === 'tcp' ? kind.usualPort : recorded.port;
  const env = {
    ...prepared.env,
    ...serverEnv,
    TARGET_HOST: TARGET,
    TARGET_PORT: String(port),
    POOL: '2',
    REVERSED: '1',
  };
  const services = { [SERVICE]: { port: PORT, ready: '/ready', env } };
  writeFileSync(join(directory, 'loop.yaml'), stringify({ version: 1, services }));
  const ended = await loopctl(place, ['replay', recorded.id, '-o', 'json', '--', ...prepared.command]);
  writeFileSync(join(directory, 'report.json'), ended.stdout);
  if (ended.stdout === '') {
    const why = ended.late ? `no end after ${LIMIT_MS} ms` : `code ${String(ended.code)}`;
    throw new Error(`loopctl replay: ${why}; its last words: ${ended.stderr}`);
  }
  return { report: REPLAY_REPORT.parse(JSON.parse(ended.stdout)), said: ended.stderr };
}

async function loopctl({ directory, daemon }: RowPlace, words: readonly string[]): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: join(directory, 'home'), LOOP_DATA: daemon.data };
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', LOOPCTL, ...words];
  return await start(command, { cwd: directory, env, within: LIMIT_MS }).ended;
}
