/** `--watch`: again at every save. */
import { watch } from 'node:fs';
import { relative, sep } from 'node:path';
import { findProject } from '../replay-sandbox/plan/project.ts';
import { ReplayError } from '../replay-sandbox/error.ts';
import { LoopError } from '../src/domain/errors.ts';
import { note, print, printable } from './output/format.ts';

/** Saves of one moment are one save. */
const DEBOUNCE_MS = 150;
/** What builds write, and nobody edits. */
const IGNORED: ReadonlySet<string> = new Set([
  'node_modules',
  '.git',
  'target',
  'build',
  'dist',
  '__pycache__',
  '.venv',
  '.pytest_cache',
]);

/** Editors write beside the file, and move. */
export function isWatched(file: string): boolean {
  const names = file.split(sep);
  return !names.some((name) => IGNORED.has(name)) && !/~$|\.sw[a-z]$|^\.#|\.loop$/.test(names.at(-1) ?? '');
}

/** Runs at once and at every save, until Ctrl-C or q. A run in progress ends when there is something newer. */
export async function watchProject<Told>(
  run: (interrupt: AbortSignal) => Promise<Told>,
  line: (told: Told) => string,
): Promise<void> {
  const directory = findProject(process.cwd())?.directory ?? process.cwd();
  const stopped = Promise.withResolvers<void>();
  let current: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  const again = (why: string): void => {
    current?.abort();
    const mine = new AbortController();
    current = mine;
    running = running.then(() => oneRun(run, line, mine.signal, why));
  };
  const watcher = watch(directory, { recursive: true }, (_event, name) => {
    if (name === null || !isWatched(name)) return;
    clearTimeout(timer);
    timer = setTimeout(() => again(relative('.', name)), DEBOUNCE_MS);
  });
  watcher.on('error', (error) => note(`loop: ${printable(error.message)}`));
  const forget = listen({ again: () => again('r'), stop: () => stopped.resolve() });
  note(`loop: watching ${printable(directory)}; ${process.stdin.isTTY ? 'r runs it again, q ends' : 'Ctrl-C ends'}`);
  again('start');
  await stopped.promise;
  clearTimeout(timer);
  watcher.close();
  forget();
  current?.abort();
  await running;
}

async function oneRun<Told>(
  run: (interrupt: AbortSignal) => Promise<Told>,
  line: (told: Told) => string,
  interrupt: AbortSignal,
  why: string,
): Promise<void> {
  if (interrupt.aborted) return;
  const began = performance.now();
  const ended = (text: string): void =>
    print(`${new Date().toTimeString().slice(0, 8)}  ${text}  ${Math.round(performance.now() - began)} ms  (${why})`);
  try {
    const told = await run(interrupt);
    ended(line(told));
  } catch (error) {
    if (error instanceof ReplayError && error.code === 'interrupted') return;
    if (!(error instanceof LoopError)) throw error;
    ended(`error: ${error.message.split('\n', 1)[0] ?? ''}`);
  }
}

function listen({ again, stop }: { readonly again: () => void; readonly stop: () => void }): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  const { stdin } = process;
  const key = (bytes: Buffer): void => {
    const pressed = bytes.toString('latin1');
    if (pressed === 'r') again();
    if (pressed === 'q' || pressed === '\u0003') stop();
  };
  if (stdin.isTTY) stdin.setRawMode(true).on('data', key).resume();
  return () => {
    for (const signal of signals) process.off(signal, stop);
    if (stdin.isTTY) stdin.setRawMode(false).off('data', key).pause();
  };
}
