import { readFile, stat } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import { IngestError } from '../error.ts';
import type { TlsFiles } from '../transport.ts';

/** How often files are looked at. Milliseconds. */
const LOOK_EVERY_MS = 10_000;

/** Rejects with IngestError `bad-certificate` that names what cannot be read, or does not fit. */
export async function readTls({ cert, key, clientCa }: TlsFiles): Promise<SecureContextOptions> {
  const material = {
    cert: await contents(cert),
    key: await contents(key),
    ...(clientCa !== undefined && { ca: await contents(clientCa) }),
  };
  try {
    createSecureContext(material);
  } catch (cause) {
    throw new IngestError(
      'bad-certificate',
      `${cert} and ${key} are no certificate with its key: ${textOf(cause)}`,
      'Both are PEM; the certificate comes first, what vouches for it behind it.',
      { cause },
    );
  }
  return material;
}

export interface RenewalEvents {
  renewed(material: SecureContextOptions): void;
  /** What is there now cannot be used: once of each state of the files, also half-way through a renewal. */
  failed(): void;
}

/**
 * Tells when the files hold something new that can be used: certificates end, and what renews them writes files. While files do not fit each
 * other, as half-way through a renewal, what was before stays. `stamp`: stampOf what is in use. What is returned ends the watch.
 */
export function watchTls(
  files: TlsFiles,
  stamp: string,
  schedule: (ms: number, run: () => void) => () => void,
  events: RenewalEvents,
): () => void {
  let cancel: () => void = () => undefined;
  let ended = false;
  let before = stamp;
  let failed: string | undefined;
  const look = async (): Promise<void> => {
    const now = await stampOf(files);
    if (now !== before) {
      const material = await readTls(files).catch(() => undefined);
      if (ended) return;
      if (material !== undefined) {
        events.renewed(material);
        before = now;
      } else if (now !== failed) events.failed();
      failed = now;
    }
    if (!ended) cancel = schedule(LOOK_EVERY_MS, () => void look());
  };
  void look();
  return () => {
    ended = true;
    cancel();
  };
}

/** To be asked before they are read: what changes meanwhile is seen by the watch. Changes with what the files hold, also where they are links that lead elsewhere now, as Kubernetes does it. */
export async function stampOf({ cert, key, clientCa }: TlsFiles): Promise<string> {
  const paths = [cert, key, ...(clientCa === undefined ? [] : [clientCa])];
  const stamps = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
        () => 'gone',
      ),
    ),
  );
  return stamps.join(', ');
}

async function contents(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new IngestError('bad-certificate', `${path} cannot be read: ${textOf(cause)}`, 'Check sink.tls.', { cause });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
