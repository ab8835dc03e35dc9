/**
 * The store's key as a file: one line of text, `loop-store-key 1 <key id, 16 hex> <key, 64 hex>`. The id is derived from the key, so it
 * doubles as a checksum. The file is 0600 in a directory nobody else can write to: who can replace the key can read what comes later.
 */
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SealError } from './errors.ts';
import { newStoreKey, storeKey, type StoreKey } from './keys.ts';

const LINE = /^loop-store-key (\d{1,4}) ([0-9a-f]{16}) ([0-9a-f]{64})\n?$/;
const VERSION = 1;

/** Reads the key; rejects with SealError `key-missing`, `key-mode`, `key-damaged` or `key-io`. */
export async function loadStoreKey(path: string): Promise<StoreKey> {
  await refuseWhenOthersReach(path);
  return parseKeyFile(await attempt(path, () => readFile(path, 'latin1')), path);
}

/** Reads the key, or makes it at the first start: durable before it is returned, and the same for all who start at once. */
export async function loadOrCreateStoreKey(path: string): Promise<StoreKey> {
  try {
    return await loadStoreKey(path);
  } catch (error) {
    if (!(error instanceof SealError) || error.code !== 'key-missing') throw error;
  }
  await attempt(path, () => createKeyFile(path, newStoreKey()));
  return loadStoreKey(path);
}

/** `text` of a key file; throws SealError `key-damaged` or `unsupported`. */
function parseKeyFile(text: string, path: string): StoreKey {
  const found = LINE.exec(text);
  if (found && Number(found[1]) !== VERSION) {
    throw new SealError(
      'unsupported',
      `The key file ${path} has version ${found[1]}; this Loop reads ${VERSION}.`,
      'Upgrade Loop.',
    );
  }
  const key = found?.[3] === undefined ? undefined : storeKey(Buffer.from(found[3], 'hex'));
  if (key === undefined || key.id !== found?.[2]) {
    const hint =
      'Restore it from a backup. Without it, what was recorded cannot be opened; moved away, a new key is made at the next start.';
    throw new SealError('key-damaged', `The key file ${path} holds no whole key (${text.length} characters).`, hint);
  }
  return key;
}

async function createKeyFile(path: string, key: StoreKey): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const draft = `${path}.${key.id}.new`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`loop-store-key ${VERSION} ${key.id} ${Buffer.from(key.bytes).toString('hex')}\n`);
    await file.sync();
    // A link never replaces: whoever comes second keeps the first one's key, and nobody ever sees half a file.
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await file.close();
    await unlink(draft);
  }
  await syncDirectory(directory);
}

async function refuseWhenOthersReach(path: string): Promise<void> {
  const { file, directory } = await attempt(path, async () => ({
    file: await stat(path),
    directory: await stat(dirname(path)),
  }));
  if ((file.mode & 0o077) !== 0) {
    throw new SealError(
      'key-mode',
      `Others may read the key file ${path} (mode ${octal(file.mode)}).`,
      `Run: chmod 600 ${path}`,
    );
  }
  // The sticky bit (as of /tmp) keeps others from replacing the file.
  if ((directory.mode & 0o022) !== 0 && (directory.mode & 0o1000) === 0) {
    const where = dirname(path);
    throw new SealError(
      'key-mode',
      `Others may replace the key file: its directory ${where} has mode ${octal(directory.mode)}.`,
      `Run: chmod 700 ${where}`,
    );
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const cause = { cause: error };
    if (codeOf(error) === 'ENOENT') {
      throw new SealError(
        'key-missing',
        `There is no key file ${path}.`,
        'It is made when loopd first starts on this directory.',
        cause,
      );
    }
    const hint = 'Check who owns it and whether the disk has space.';
    throw new SealError(
      'key-io',
      `I cannot use the key file ${path}: ${error instanceof Error ? error.message : String(error)}.`,
      hint,
      cause,
    );
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
