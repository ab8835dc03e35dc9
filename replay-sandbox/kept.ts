/** What a replay has opened, also when it is interrupted while it opens more. */
import { ReplayError } from './error.ts';

/** Closed with all others; at once, when those are closed already: the replay was interrupted meanwhile. */
export async function kept<T>(
  opened: AsyncDisposableStack,
  one: T,
  close: (one: T) => Promise<void> | void,
): Promise<T> {
  if (!opened.disposed) return opened.adopt(one, close);
  await close(one);
  throw new ReplayError('interrupted', 'The replay was interrupted.', 'Start it again.');
}
