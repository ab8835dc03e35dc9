import { setTimeout as delay } from 'node:timers/promises';
import { ShopError } from './error.ts';

const PAUSE_MS = 40;

/** Asks again and again until the probe no longer throws; its last error is the cause of the ShopError after the deadline. */
export async function eventually<T>(what: string, deadlineMs: number, probe: () => Promise<T>): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await probe();
    } catch (error) {
      if (performance.now() > end) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new ShopError(`${what} within ${String(deadlineMs / 1000)} s: ${reason}`, undefined, { cause: error });
      }
    }
    await delay(PAUSE_MS);
  }
}
