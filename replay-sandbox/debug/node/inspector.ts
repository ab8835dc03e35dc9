/** A connection to a Node process's inspector. */
import { setTimeout as delay } from 'node:timers/promises';
import CDP from 'chrome-remote-interface';
import { ReplayError } from '../../error.ts';

const ATTACH_TIMEOUT_MS = 15_000;
const POLL_MS = 25;

/** Attaches to the inspector behind `port` on loopback as soon as it is there. Throws ReplayError `debugger`, at the latest when `over` fires. */
export async function attachInspector(port: number, over: AbortSignal): Promise<CDP.Client> {
  const deadline = AbortSignal.any([over, AbortSignal.timeout(ATTACH_TIMEOUT_MS)]);
  for (;;) {
    try {
      return await CDP({ host: '127.0.0.1', port });
    } catch (error) {
      if (deadline.aborted) throw silent(error);
      await delay(POLL_MS);
    }
  }
}

function silent(cause: unknown): ReplayError {
  return new ReplayError(
    'debugger',
    `The service's inspector did not answer within ${ATTACH_TIMEOUT_MS / 1000} s.`,
    'Does the command start node itself? Only then can it be told to wait.',
    { cause },
  );
}
