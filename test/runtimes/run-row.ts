/** One row: the service recorded, and replayed by each user; then held by a debugger. */
import { basename } from 'node:path';
import { hold } from './attach/hold.ts';
import { findingsOf } from './findings.ts';
import type { Found } from './findings.ts';
import { replay } from './replayed.ts';
import type { Replayed } from './replayed.ts';
import { FINDINGS } from './row.ts';
import type { Finding, Findings, Line, Row } from './row.ts';
import { prepareRuntime } from './runtimes.ts';
import type { Runtime, RuntimeName } from './runtimes.ts';
import { isRoot } from './user.ts';
import type { UserName } from './user.ts';
import type { Recorded, World } from './world.ts';

const WITHIN_MS = 90_000;
const FULL_PAUSE = 120;
const BY_PATH: readonly RuntimeName[] = ['python', 'go'];

export interface RowOptions {
  readonly users: readonly UserName[];
  /** Seconds that a debugger holds the service; 0: not tried. */
  readonly pause: number;
}

interface Attempt {
  readonly user: UserName;
  readonly found?: Found;
  readonly replayed?: Replayed;
  /** Why it was not tried, or what went wrong. */
  readonly limit?: string;
  readonly failure?: string;
}

/** Never throws: what goes wrong is in the line. */
export async function runRow(world: World, name: RuntimeName, options: RowOptions): Promise<Line> {
  const began = performance.now();
  const runtime = await prepareRuntime(name);
  if ('unavailable' in runtime) return { runtime: name, unavailable: runtime.unavailable };
  let recorded: Recorded;
  try {
    recorded = await world.record(runtime);
  } catch (error) {
    return { runtime: name, unavailable: `it could not be recorded: ${messageOf(error)}` };
  }
  const attempts: Attempt[] = [];
  for (const user of options.users) attempts.push(await attempt(runtime, recorded, user));
  const pause = await paused(runtime, recorded, options);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { ...rowOf(runtime, attempts), ...pause.row, remarks: [...remarksOf(attempts), ...pause.remarks], seconds };
}

async function attempt(runtime: Runtime, recorded: Recorded, user: UserName): Promise<Attempt> {
  // The sources do not lie in the replay's project: by its whole path a debugger finds the file all the same, where it goes by files.
  const file = BY_PATH.includes(runtime.name) ? runtime.source : basename(runtime.source);
  const words = ['--break', `${file}:${runtime.line}`];
  try {
    const replayed = await replay({ runtime, recorded, user, words, within: WITHIN_MS });
    if ('limit' in replayed) return { user, limit: replayed.limit };
    const found = findingsOf(runtime, replayed);
    return { user, replayed, found: await withPlainClock(found, { runtime, recorded, user }) };
  } catch (error) {
    return { user, failure: messageOf(error) };
  }
}

/** Where a debugger keeps the clock from being moved, the service is looked at without one, too. */
async function withPlainClock(
  found: Found,
  who: Omit<Parameters<typeof replay>[0], 'words' | 'within'>,
): Promise<Found> {
  const { clockWithin1s: limit } = found.findings;
  if (typeof limit !== 'string') return found;
  const plain = await replay({ ...who, words: [], within: WITHIN_MS });
  if ('limit' in plain || findingsOf(who.runtime, plain).findings.clockWithin1s !== true) return found;
  const clockWithin1s = `within 1 s without a debugger; with one: ${limit}`;
  return { ...found, findings: { ...found.findings, clockWithin1s } };
}

const FAILED = Object.fromEntries(FINDINGS.map((name) => [name, false])) as unknown as Findings;

function rowOf(runtime: Runtime, attempts: readonly Attempt[]): Omit<Row, 'pause120s' | 'remarks' | 'seconds'> {
  const first = attempts.find(({ found }) => found !== undefined);
  return {
    runtime: runtime.name,
    version: runtime.version,
    ...(first?.found?.findings ?? FAILED),
    asUser: held(attempts, 'user'),
    asRoot: held(attempts, 'root'),
    limits: first?.replayed?.report.isolation.limits ?? [],
  };
}

function held(attempts: readonly Attempt[], user: UserName): Finding {
  const one = attempts.find((some) => some.user === user);
  if (one === undefined) return 'not tried: not asked for';
  return (
    one.limit ?? (one.found !== undefined && Object.values(one.found.findings).every((finding) => finding !== false))
  );
}

function remarksOf(attempts: readonly Attempt[]): readonly string[] {
  return attempts.flatMap(({ user, found, failure }) =>
    [...(found?.remarks ?? []), ...(failure === undefined ? [] : [failure])].map((text) => `as ${user}: ${text}`),
  );
}

interface Pause {
  readonly row: Pick<Row, 'pause120s'>;
  readonly remarks: readonly string[];
}

/** By whoever runs the table. */
async function paused(runtime: Runtime, recorded: Recorded, { pause, users }: RowOptions): Promise<Pause> {
  if (pause === 0) return { row: { pause120s: 'not tried: not asked for' }, remarks: [] };
  const user = users.find((one) => (one === 'root') === isRoot()) ?? 'user';
  try {
    const { replayed, held: seconds } = await hold({ runtime, recorded, user, seconds: pause, within: WITHIN_MS });
    if ('limit' in replayed) return { row: { pause120s: replayed.limit }, remarks: [] };
    const { findings, remarks } = findingsOf(runtime, replayed);
    // Timers may be a little early.
    const good = seconds >= pause - 0.1 && findings.reproduced === true && findings.processesGone === true;
    const said = remarks.filter((text) => /^(?:reproduced|processesGone)/.test(text)).map((text) => `held: ${text}`);
    if (!good) return { row: { pause120s: false }, remarks: [`held for ${seconds} s`, ...said] };
    const full = pause >= FULL_PAUSE ? true : `held for ${pause} s and reproduced; 120 s were not tried (--pause 120)`;
    return { row: { pause120s: full }, remarks: [] };
  } catch (error) {
    return { row: { pause120s: false }, remarks: [`held: ${messageOf(error)}`] };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
