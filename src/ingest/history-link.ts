import type { MessagePort } from 'node:worker_threads';
import type { FromHistory, HistoryLink } from '../recorder/history.ts';

/** The recorder's way to the history thread. */
export function linkTo(port: MessagePort): HistoryLink {
  return { say: (message, transfer) => port.postMessage(message, transfer) };
}

/**
 * And back. A port that closes is a history that is gone. What is returned closes it from here: by that the history knows that nothing more
 * is asked.
 */
export function listenToHistory(
  recorder: { hear(message: FromHistory): void; historyGone(): void },
  port: MessagePort | undefined,
): () => void {
  const gone = (): void => recorder.historyGone();
  port?.on('message', (message: FromHistory) => recorder.hear(message));
  port?.once('close', gone);
  return () => {
    port?.off('close', gone);
    port?.close();
  };
}
