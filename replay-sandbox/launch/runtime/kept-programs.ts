/** Programs that are built for a replay, kept by what is in them: two replays at once use one, and neither sees half of it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const GO_PROGRAMS = join(homedir(), '.cache', 'loop', 'go');

/** What the building of a program tells, and what ends it. */
export interface Building {
  readonly progress: (text: string) => void;
  readonly interrupt?: AbortSignal | undefined;
}

/** As many as somebody may go back and forth between. */
const MOST_KEPT = 8;
/** A replay may be about to start it, or still build it. */
const IN_USE_MS = 20 * 60_000;

const PARTIAL = '.partial-';

/** `build` writes the program to the path it is given. The answer is where it stays; those used longest ago are removed. */
export async function keepProgram(
  name: string,
  build: (output: string) => Promise<void>,
  directory = GO_PROGRAMS,
  now = new Date(),
): Promise<string> {
  await mkdir(directory, { recursive: true });
  const partial = await mkdtemp(join(directory, PARTIAL));
  try {
    const built = join(partial, 'service');
    await build(built);
    const kept = join(directory, `${name}-${await digest(built)}`);
    await utimes(built, now, now);
    await rename(built, kept);
    await prune(directory, now.getTime());
    return kept;
  } finally {
    await rm(partial, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex').slice(0, 16);
}

async function prune(directory: string, now: number): Promise<void> {
  const entries = (await Promise.all((await readdir(directory)).map((name) => entryOf(directory, name)))).flat();
  const programs = entries.filter(({ partial }) => !partial).toSorted((one, other) => other.usedAt - one.usedAt);
  // Half a program is left by a replay that was killed.
  const old = [...programs.slice(MOST_KEPT), ...entries.filter(({ partial }) => partial)];
  const unused = old.filter(({ usedAt }) => usedAt < now - IN_USE_MS);
  await Promise.all(unused.map(({ path }) => rm(path, { recursive: true, force: true })));
}

/** None: another replay has removed it meanwhile. */
async function entryOf(directory: string, name: string) {
  const path = join(directory, name);
  const known = await stat(path).catch(() => undefined);
  return known === undefined ? [] : [{ path, usedAt: known.mtimeMs, partial: name.startsWith(PARTIAL) }];
}
