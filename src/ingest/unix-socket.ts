import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { IngestError } from './error.ts';

/**
 * Makes way for a socket: removes a socket file that a dead process left behind. Rejects with `listen-failed` when something answers
 * on it, and when the path holds anything but a socket.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new IngestError(
      'listen-failed',
      `${path} exists and is no socket.`,
      'Name another socket path, or move the file away.',
    );
  }
  if (await answers(path)) {
    throw new IngestError(
      'listen-failed',
      `Another process listens on ${path}.`,
      'Is loopd running already? Stop it, or name another path.',
    );
  }
  await unlink(path);
}

/** Recordings hold secrets: only this user's sidecars may speak. Until this call the mode is the umask's. */
export async function restrictSocket(path: string): Promise<void> {
  await chmod(path, 0o600);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A full backlog (EAGAIN) is somebody too; only a refusal is nobody.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}
