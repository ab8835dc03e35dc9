import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopFile, Seal } from '../../src/domain/loop-file.ts';
import { DEFAULT_CAPS, type LoopFileCaps } from './caps.ts';
import { describe } from './encode.ts';
import { readEntries, type LoopEntry } from './entries.ts';
import { damaged, LoopFileError, tooLarge } from './errors.ts';
import { jsonShape } from './json-shape.ts';
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
  const contents = new Contents(entries, caps);
  const { manifest, loop } = takeRecording(contents, undefined);
  const named = new Set([loop.summary.id]);
  for (const id of manifest.companions) {
    if (named.has(id)) throw damaged(`it names the recording ${id} twice`);
    named.add(id);
  }
  const companions = manifest.companions.map((id) => takeCompanion(contents, id));
  if (contents.left !== undefined) throw damaged(`${contents.left} is not named by loop.json`);
  return { ...loop, companions };
}

/** Entries by name, each taken once. */
class Contents {
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #caps: LoopFileCaps;

  constructor(entries: readonly LoopEntry[], caps: LoopFileCaps) {
    this.#caps = caps;
    for (const { name, bytes } of entries) {
      if (this.#bytes.has(name)) throw damaged(`it has ${name} twice`);
      this.#bytes.set(name, bytes);
    }
  }

  /** Some entry that nobody took. */
  get left(): string | undefined {
    return this.#bytes.keys().next().value;
  }

  take(name: string, wanted?: Manifest['view']): Uint8Array {
    const bytes = this.#bytes.get(name);
    if (bytes === undefined) throw damaged(`${name} is missing`);
    this.#bytes.delete(name);
    const found = wanted && describe(bytes);
    if (found?.bytes !== wanted?.bytes || found?.sha256 !== wanted?.sha256)
      throw damaged(`${name} is not what loop.json says it is`);
    return bytes;
  }

  /** JSON that can be parsed without harm; `wanted`: what it has to be. */
  takeJson(name: string, wanted?: Manifest['view']): string {
    const bytes = this.take(name, wanted);
    const { values, depth } = jsonShape(bytes);
    const { jsonValues, jsonDepth } = this.#caps;
    if (depth > jsonDepth) throw tooLarge(`${name} is nested ${depth} deep, at most ${jsonDepth} are read`);
    if (values > jsonValues) throw tooLarge(`${name} has ${values} values, at most ${jsonValues} are read`);
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (cause) {
      throw damaged(`${name} is not UTF-8`, { cause });
    }
  }
}

function takeCompanion(contents: Contents, id: LoopId): LoopFile {
  const { manifest, loop } = takeRecording(contents, id);
  if (loop.summary.id !== id) throw damaged(`companions/${id} holds the loop ${loop.summary.id}`);
  if (manifest.companions.length > 0) throw damaged(`the companion ${id} names companions of its own`);
  return loop;
}

function takeRecording(
  contents: Contents,
  companion: LoopId | undefined,
): { readonly manifest: Manifest; readonly loop: LoopFile } {
  const manifestName = entryName({ companion, content: 'manifest' });
  const manifest = parseManifest(contents.takeJson(manifestName), manifestName);
  const viewName = entryName({ companion, content: 'view' });
  const view = contents.takeJson(viewName, manifest.view);
  requireView(view, viewName);
  const parts = manifest.parts.map((wanted, part) =>
    contents.take(entryName({ companion, content: { part } }), wanted),
  );
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

function requireView(view: string, name: string): void {
  const value = parseJson(view, name);
  if (typeof value !== 'object' || value === null || !('version' in value) || !Number.isInteger(value.version)) {
    throw damaged(`${name} is no view`);
  }
}
