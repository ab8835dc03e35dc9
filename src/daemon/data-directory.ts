/** The files of one installation: `key` (seals), `token` and `api` (token and address of the API), `store/`, `audit.jsonl`, `sink.sock`, `history`. Directory 0700, files 0600. */
import { randomBytes } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DaemonError } from './error.ts';

export interface DataDirectory {
  readonly keyFile: string;
  readonly store: string;
  readonly socket: string;
  /** There while loopd runs, where one is wanted. */
  readonly historyFile: string;
  readonly tokenFile: string;
  /** There while loopd runs. */
  readonly addressFile: string;
  readonly auditFile: string;
  /** Where its chain ends, and who writes. */
  readonly auditHead: string;
  readonly auditReserve: string;
}

export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await makeDirectory(path);
  return {
    keyFile: join(path, 'key'),
    store: join(path, 'store'),
    socket: join(path, 'sink.sock'),
    historyFile: join(path, 'history'),
    tokenFile: join(path, 'token'),
    addressFile: join(path, 'api'),
    auditFile: join(path, 'audit.jsonl'),
    auditHead: join(path, 'store', 'audit.sqlite'),
    auditReserve: join(path, 'store', 'audit.ballast'),
  };
}

/** Step by step: mkdir's own `recursive` spins for ever where nothing can be made, such as below /proc (seen with Node 24). */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || !(await isMissing(dirname(path)))) throw unusable(path, error);
    await makeDirectory(dirname(path));
    await makeDirectory(path);
  }
}

async function isMissing(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    () => true,
  );
}

function unusable(path: string, cause: unknown): DaemonError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new DaemonError('store', `The data directory ${path} cannot be made: ${said}.`, 'Name another with --data.', {
    cause,
  });
}

/** The API token: made at first start. */
export async function loadOrCreateToken(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (known !== undefined) return known.trim();
  const token = randomBytes(32).toString('base64url');
  await writeFile(file, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
}
