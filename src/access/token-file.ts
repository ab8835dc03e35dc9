/** The tokens that somebody made, as a file: digests, never a token. Directory 0700, file 0600; replaced as a whole, so that it is never half. */
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { AccessError } from './error.ts';
import { WRITTEN_GRANT } from './grants.ts';

const TOKEN = z.strictObject({
  id: z.string(),
  name: z.string(),
  grants: z.array(WRITTEN_GRANT),
  /** SHA-256 of the token, hex. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Name and id of whoever made it. */
  madeBy: z.string(),
  owner: z.string(),
  /** Unix ms, as the others. */
  madeAt: z.number(),
  until: z.number(),
  lastUsedAt: z.number().exactOptional(),
});

const FILE = z.strictObject({ version: z.literal(1), tokens: z.array(TOKEN) });

export type StoredToken = Readonly<z.infer<typeof TOKEN>>;

export interface TokenFile {
  /** Rejects with AccessError `damaged`: a list of tokens that cannot be read is not an empty one. */
  load(): Promise<readonly StoredToken[]>;
  save(tokens: readonly StoredToken[]): Promise<void>;
}

export function tokenFile(path: string): TokenFile {
  let saving: Promise<void> = Promise.resolve();
  return {
    load: () => load(path),
    save: (tokens) => {
      // One behind the other: what was saved last stays.
      const saved = saving.then(() => replace(path, JSON.stringify({ version: 1, tokens })));
      saving = saved.catch(() => undefined);
      return saved;
    },
  };
}

async function load(path: string): Promise<readonly StoredToken[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw damaged(path, error);
  });
  if (text === undefined) return [];
  try {
    return FILE.parse(JSON.parse(text)).tokens;
  } catch (error) {
    throw damaged(path, error);
  }
}

async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function damaged(path: string, cause: unknown): AccessError {
  return new AccessError(
    'damaged',
    `The tokens in ${path} cannot be read.`,
    'Restore the file from a backup. Moved away, no made token is right any more, and nothing else is lost.',
    { cause },
  );
}
