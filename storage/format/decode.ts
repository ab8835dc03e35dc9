import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopFile, Seal } from '../../src/domain/loop-file.ts';
import { DEFAULT_CAPS, type LoopFileCaps } from './caps.ts';
import { describe } from './encode.ts';
import { readEntries, type LoopEntry } from './entries.ts';
import { damaged, LoopFileError } from './errors.ts';
import { parseJson, parseManifest, type Manifest } from './manifest.ts';
import { entryName } from './names.ts';

/**
 * The recording in the bytes of a `.loop` file, from anyone: checked, bounded, in memory. Sealed parts stay sealed (src/seal/open.ts).
 * Rejects with LoopFileError.
 */
export async function decodeLoopFile(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  caps: LoopFileCaps = DEFAULT_CAPS,
): Promise<LoopFile> {
  const entries = await readEntries(source, caps);
  if (entries[0]?.name !== 'loop.json') {
    const first = entries[0] === undefined ? 'It is empty' : `Its first entry is ${entries[0].name}`;
    throw new LoopFileError(
      'not-a-loop',
      `This is not a loop file. ${first}, not loop.json.`,
      'Give a file made by loopctl export.',
    );
  }
  const contents = new Map<string, LoopEntry>();
  for (const entry of entries) {
    if (contents.has(entry.name)) throw damaged(`it has ${entry.name} twice`);
    contents.set(entry.name, entry);
  }
  const file = takeRecording(contents, undefined);
  const companions = file.manifest.companions.map((id) => takeCompanion(contents, id));
  const [left] = contents.keys();
  if (left !== undefined) throw damaged(`${left} is not named by loop.json`);
  return { ...file.loop, companions };
}

function takeCompanion(contents: Map<string, LoopEntry>, id: LoopId): LoopFile {
  const { manifest, loop } = takeRecording(contents, id);
  if (loop.summary.id !== id) throw damaged(`companions/${id} holds the loop ${loop.summary.id}`);
  if (manifest.companions.length > 0) throw damaged(`the companion ${id} names companions of its own`);
  return loop;
}

function takeRecording(
  contents: Map<string, LoopEntry>,
  companion: LoopId | undefined,
): { readonly manifest: Manifest; readonly loop: LoopFile } {
  const manifestName = entryName({ companion, content: 'manifest' });
  const manifest = parseManifest(text(take(contents, manifestName)), manifestName);
  const viewName = entryName({ companion, content: 'view' });
  const view = text(checked(take(contents, viewName), viewName, manifest.view));
  requireView(view, viewName);
  const parts = manifest.parts.map((wanted, part) => {
    const name = entryName({ companion, content: { part } });
    return checked(take(contents, name), name, wanted);
  });
  const { summary, subject, createdBy } = manifest;
  return {
    manifest,
    loop: { summary, subject, createdBy, view, seal: readSeal(manifest.seal), parts, companions: [] },
  };
}

function readSeal(seal: Manifest['seal']): Seal {
  if (seal.kind === 'open') return { kind: 'open' };
  return { kind: 'sealed', keyId: seal.keyId, wrappedKey: Buffer.from(seal.wrappedKey, 'base64') };
}

function take(contents: Map<string, LoopEntry>, name: string): Uint8Array {
  const entry = contents.get(name);
  if (entry === undefined) throw damaged(`${name} is missing`);
  contents.delete(name);
  return entry.bytes;
}

function checked(bytes: Uint8Array, name: string, wanted: Manifest['view']): Uint8Array {
  const found = describe(bytes);
  if (found.bytes !== wanted.bytes || found.sha256 !== wanted.sha256)
    throw damaged(`${name} is not what loop.json says it is`);
  return bytes;
}

function requireView(view: string, name: string): void {
  const value = parseJson(view, name);
  if (typeof value !== 'object' || value === null || !('version' in value) || !Number.isInteger(value.version)) {
    throw damaged(`${name} is no view`);
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
