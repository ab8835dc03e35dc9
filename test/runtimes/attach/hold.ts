/** A person's debugger: comes through the forwarded port, stops the service at the marked line, waits, and lets go. */
import { replay } from '../replayed.ts';
import type { Replay, Replayed } from '../replayed.ts';
import type { Runtime, RuntimeName } from '../runtimes.ts';
import { holdByCdp } from './cdp.ts';
import { holdByDap } from './dap.ts';
import { holdByGdb } from './gdb.ts';
import { holdByJdb } from './jdb.ts';

export interface HoldRequest extends Omit<Replay, 'words'> {
  readonly seconds: number;
}

/** Resolves with how many seconds the service stood at the line. */
export type Holder = (port: number, runtime: Runtime, seconds: number, over: AbortSignal) => Promise<number>;

const HOLDERS: Readonly<Record<RuntimeName, Holder>> = {
  node: holdByCdp,
  python: holdByDap,
  go: holdByDap,
  java: holdByJdb,
  native: holdByGdb,
};

const WAITS = /waits for a debugger on 127\.0\.0\.1:(\d+)/;

export async function hold(request: HoldRequest): Promise<{
  readonly replayed: Replayed | { readonly limit: string };
  readonly held: number;
}> {
  const { runtime, seconds, within } = request;
  const over = new AbortController();
  let holding: Promise<number> | undefined;
  let failure: unknown;
  const onSaid = (said: string): void => {
    const [, port] = WAITS.exec(said) ?? [];
    if (port === undefined || holding !== undefined) return;
    holding = HOLDERS[runtime.name](Number(port), runtime, seconds, over.signal);
    holding.catch((error: unknown) => (failure = error));
  };
  try {
    const whole = { ...request, words: ['--inspect', '0'], within: within + seconds * 1000, onSaid };
    const replayed = await replay(whole).catch((error: unknown) => {
      throw failure ?? error;
    });
    return { replayed, held: (await holding) ?? 0 };
  } finally {
    over.abort();
  }
}
