/** A write that waits for a slow reader. */
import type { Writable } from 'node:stream';

/**
 * Undefined: it may go on at once. A promise settles when the other side has read enough, and rejects when its connection is gone. It leaves
 * no listener behind: a stream of a hundred thousand frames waits often.
 */
export function written(stream: Writable, bytes: Uint8Array): void | Promise<void> {
  if (stream.write(bytes)) return undefined;
  return new Promise((resolve, reject) => {
    const drained = (): void => {
      stream.off('close', closed);
      resolve();
    };
    const closed = (): void => {
      stream.off('drain', drained);
      reject(new Error('closed'));
    };
    stream.once('drain', drained);
    stream.once('close', closed);
  });
}
