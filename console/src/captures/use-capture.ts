import { useEffect, useState } from 'preact/hooks';
import type { Capture } from '../../../src/domain/capture.ts';
import type { Asked } from '../api/use-answer.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useApp } from '../app/context.ts';

const EVERY_MS = 2000;

/** All captures, read again every two seconds while one that is `followed` runs, and whenever one changes. Reading them is not audited. */
export function useCaptures(followed: (capture: Capture) => boolean): {
  readonly asked: Asked<{ readonly captures: readonly Capture[] }>;
  readonly again: () => void;
} {
  const { live } = useApp();
  const { asked, again } = useAnswer('listCaptures', {});
  const running = asked.kind === 'answered' && asked.answer.captures.some((one) => isRunning(one) && followed(one));
  useEffect(
    () => live.listen(({ kind }) => (kind === 'capture-changed' || kind === 'missed') && again()),
    [live, again],
  );
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(again, EVERY_MS);
    return () => clearInterval(timer);
  }, [running, again]);
  return { asked, again };
}

/** The one of that id as it stands now; undefined until it is known, and when there is none. */
export function useCapture(id: string | undefined): {
  readonly capture: Capture | undefined;
  readonly asked: Asked<unknown>;
  readonly again: () => void;
} {
  const { asked, again } = useCaptures((one) => one.id === id);
  const capture = asked.kind === 'answered' ? asked.answer.captures.find((one) => one.id === id) : undefined;
  return { capture, asked, again };
}

export function isRunning({ endedBy }: Capture): boolean {
  return endedBy === undefined;
}

/** Ends a capture; `failed` says why it could not. */
export function useStop(done: () => void): {
  readonly stop: (id: string) => void;
  readonly busy: boolean;
  readonly failed: unknown;
} {
  const { client } = useApp();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const stop = (id: string): void => {
    setBusy(true);
    setFailed(undefined);
    client
      .call('stopCapture', { id })
      .then(done, setFailed)
      .finally(() => setBusy(false));
  };
  return { stop, busy, failed };
}
