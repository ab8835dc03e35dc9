import { createHash } from 'node:crypto';
import { pack, type Pack } from 'tar-stream';
import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopFile, Seal } from '../../src/domain/loop-file.ts';
import { FORMAT_VERSION, type Manifest } from './manifest.ts';
import { entryName, MAX_PARTS } from './names.ts';
import { LoopFileError } from './errors.ts';

/** The bytes of a `.loop` file. Equal recordings give equal bytes. Rejects with LoopFileError `too-large` for more parts than the format holds. */
export async function encodeLoopFile(file: LoopFile): Promise<Uint8Array> {
  const tar = pack();
  addRecording(tar, file, undefined);
  for (const companion of file.companions) addRecording(tar, companion, companion.summary.id);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function addRecording(tar: Pack, file: LoopFile, companion: LoopId | undefined): void {
  if (file.parts.length > MAX_PARTS) {
    const facts = `Loop ${file.summary.id} has ${file.parts.length} parts; a loop file holds ${MAX_PARTS}.`;
    throw new LoopFileError('too-large', facts, 'Replay it where it is stored.');
  }
  const view = Buffer.from(file.view);
  const manifest: Manifest = {
    format: 'loop',
    version: FORMAT_VERSION,
    createdBy: file.createdBy,
    subject: file.subject,
    summary: file.summary,
    seal: writeSeal(file.seal),
    view: describe(view),
    parts: file.parts.map(describe),
    companions: file.companions.map((one) => one.summary.id),
  };
  const add = (content: Parameters<typeof entryName>[0]['content'], bytes: Uint8Array): void => {
    const name = entryName({ companion, content });
    tar.entry({ name, mode: 0o600, mtime: new Date(Math.trunc(file.summary.startedAt)) }, Buffer.from(bytes));
  };
  add('manifest', Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
  add('view', view);
  for (const [part, bytes] of file.parts.entries()) add({ part }, bytes);
}

function writeSeal(seal: Seal): Manifest['seal'] {
  if (seal.kind === 'open') return { kind: 'open' };
  return { kind: 'sealed', keyId: seal.keyId, wrappedKey: Buffer.from(seal.wrappedKey).toString('base64') };
}

export function describe(bytes: Uint8Array): { readonly bytes: number; readonly sha256: string } {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
