/** A way to record HTTP answers and give them again: ours, or somebody else's. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Program } from '../../../test/matrix/processes.ts';
import { start } from '../../../test/matrix/processes.ts';
import type { Told, Turn } from '../scenario.ts';
import type { Throughput } from '../throughput.ts';
import { freePort } from '../../../test/support/server-process.ts';

export interface Peer {
  readonly name: string;
  /** Throws when it cannot be had here: the message is the row's `unavailable`. */
  measure(place: Place): Promise<Measured>;
}

export interface Place {
  /** Of this row alone. */
  readonly directory: string;
}

export interface Measured {
  readonly version: string;
  /** With the upstream behind it, and without. */
  readonly recorded: readonly Told[];
  readonly again: readonly Told[];
  /** Of a miss, in words for a person: what was asked and what is nearest to it. By key. */
  readonly explained: ReadonlySet<string>;
  /** Of an answer that was given to another question: that this was said. By key. */
  readonly said: ReadonlySet<string>;
  /** Requests a second and the median, ms, of one connection asking one thing over and over; for information. */
  readonly throughput?: Throughput;
}

export const CLIENT = fileURLToPath(new URL('../client.ts', import.meta.url));
const LIMIT_MS = 120_000;

export function startProgram(
  place: Place,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const home = join(place.directory, 'home');
  mkdirSync(home, { recursive: true });
  const path = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? home };
  // Recorders write their last lines when they are asked to end.
  return start(command, { cwd: place.directory, env: { ...path, ...env }, within: LIMIT_MS, stopBy: 'SIGTERM' });
}

/** Runs it until it answers at the URL with anything at all; then `use`; then it is ended. */
export async function during<Result>(program: Program, url: string, use: () => Promise<Result>): Promise<Result> {
  try {
    const gone = program.ended.then(() => Promise.reject(new Error(`it ended: ${program.said()}`)));
    await Promise.race([answers(url), gone]);
    return await Promise.race([use(), gone]);
  } finally {
    await program.stop();
  }
}

async function answers(url: string): Promise<void> {
  const until = performance.now() + LIMIT_MS;
  for (;;) {
    const reached = await fetch(url).then(
      async (response) => (await response.arrayBuffer(), true),
      () => false,
    );
    if (reached) return;
    if (performance.now() > until) throw new Error(`nothing answers at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Turning {
  readonly turn: Turn;
  /** Of what is asked. */
  readonly target: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly preload?: string;
}

/** The client's whole run. */
export async function askAll(place: Place, { turn, target, env = {}, preload }: Turning): Promise<readonly Told[]> {
  const port = String(await freePort());
  const words = preload === undefined ? [] : ['--import', preload];
  const client = startProgram(place, [process.execPath, ...words, CLIENT], {
    PORT: port,
    TARGET: target,
    TURN: turn,
    ...env,
  });
  const url = `http://127.0.0.1:${port}/`;
  return await during(
    client,
    url,
    async () => (await (await fetch(url, { method: 'POST' })).json()) as readonly Told[],
  );
}
