/** `--watch`: again at every save. */
import { findProject } from '../replay-sandbox/plan/project.ts';
import { ReplayError } from '../replay-sandbox/error.ts';
import { LoopError } from '../src/domain/errors.ts';
import { note, print, printable } from './output/format.ts';
import { WatchedFiles } from './watched-files.ts';

/** Saves of one moment are one save. */
const DEBOUNCE_MS = 150;
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
  const files = new WatchedFiles(directory, {
    saved: (file) => {
      clearTimeout(timer);
      timer = setTimeout(() => again(file), DEBOUNCE_MS);
    },
    failed: (error) => note(`loop: ${printable(error.message)}`),
  });
  const forget = listen({ again: () => again('r'), stop: () => stopped.resolve() });
  note(`loop: watching ${printable(directory)}; ${process.stdin.isTTY ? 'r runs it again, q ends' : 'Ctrl-C ends'}`);
  again('start');
  await stopped.promise;
  clearTimeout(timer);
  files.close();
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
    print(
      `${new Date().toTimeString().slice(0, 8)}  ${text}  ${Math.round(performance.now() - began)} ms  (${printable(why)})`,
    );
  try {
    const told = await run(interrupt);
    // What came too late for a newer save is old.
    if (!interrupt.aborted) ended(line(told));
  } catch (error) {
    if (error instanceof ReplayError && error.code === 'interrupted') return;
    if (!(error instanceof LoopError)) throw error;
    if (interrupt.aborted) return;
    ended(`error: ${printable(error.message.split('\n', 1)[0] ?? '')}`);
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
