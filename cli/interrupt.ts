/** Ctrl-C while something stands that must be taken down: it is told, takes itself down, and then the signal has its way. */

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs something that `signal` ends in order. The second signal does not wait for it. */
export async function interruptible<Result>(run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const interruption = new AbortController();
  let came: NodeJS.Signals | undefined;
  const hear = (signal: NodeJS.Signals): void => {
    came = signal;
    forget();
    interruption.abort();
  };
  const forget = (): void => SIGNALS.forEach((signal) => void process.off(signal, hear));
  SIGNALS.forEach((signal) => void process.on(signal, hear));
  try {
    return await run(interruption.signal);
  } finally {
    forget();
    if (came !== undefined) await dieOf(came);
  }
}

/** As whoever started us expects of a program that was interrupted: the shell ends its loop, too. */
function dieOf(signal: NodeJS.Signals): Promise<never> {
  process.kill(process.pid, signal);
  // It is delivered a moment later; nothing is said meanwhile.
  return new Promise(() => setTimeout(() => process.exit(1), 1000));
}
