/** The entries of a `.loop` tar, in memory: names are checked and never used as paths. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Extract } from 'tar-stream';
import type { LoopFileCaps } from './caps.ts';
import { damaged, LoopFileError } from './errors.ts';
import { parseEntryName, type EntryName } from './names.ts';

export interface LoopEntry {
  readonly name: string;
  readonly parsed: EntryName;
  readonly bytes: Uint8Array;
}

type Entry = Extract extends AsyncIterable<infer Source> ? Source : never;

const CHUNK = 64 * 1024;

/** Everything in the tar, first to last. Rejects with LoopFileError at the first entry that is too large, unsafe or cut off. */
export async function readEntries(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  caps: LoopFileCaps,
): Promise<readonly LoopEntry[]> {
  const tar = extract();
  const feeding = pipeline(Readable.from(capped(source, caps)), tar).then(
    () => undefined,
    (error: unknown) => error,
  );
  const entries: LoopEntry[] = [];
  try {
    for await (const entry of tar) {
      if (entries.length === caps.entries) throw tooLarge(`it has more than ${caps.entries} entries`);
      entries.push(await readEntry(entry, caps));
    }
  } catch (error) {
    tar.destroy();
    throw readable(entries.length, error, await feeding);
  }
  const fault = await feeding;
  if (fault !== undefined) throw readable(entries.length, fault);
  return entries;
}

async function readEntry(entry: Entry, caps: LoopFileCaps): Promise<LoopEntry> {
  const { name, type, size } = entry.header;
  const parsed = parseEntryName(name);
  if (parsed === undefined || type !== 'file') {
    const facts = `The loop file has an entry that is none of a recording: ${JSON.stringify(name.slice(0, 200))} (${type ?? 'unknown type'}).`;
    throw new LoopFileError(
      'unsafe-entry',
      facts,
      'Nothing was written. Take the file from where it was exported; do not pack it by hand.',
    );
  }
  const cap =
    parsed.content === 'manifest' ? caps.manifestBytes : parsed.content === 'view' ? caps.viewBytes : caps.partBytes;
  if (size > cap) throw tooLarge(`${name} has ${size} bytes, at most ${cap} are read`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk as Uint8Array);
  return { name, parsed, bytes: Buffer.concat(chunks) };
}

/** The source in small pieces, so that a hostile header is met before what stands behind it; ends with an error beyond the cap. */
async function* capped(source: Uint8Array | AsyncIterable<Uint8Array>, caps: LoopFileCaps): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const piece of source instanceof Uint8Array ? [source] : source) {
    for (let offset = 0; offset < piece.length; offset += CHUNK) {
      const chunk = piece.subarray(offset, offset + CHUNK);
      total += chunk.length;
      if (total > caps.totalBytes) throw tooLarge(`it has more than ${caps.totalBytes} bytes`);
      yield chunk;
    }
  }
}

/** Our own refusal if there was one; what tar-stream says otherwise. */
function readable(entriesRead: number, ...errors: readonly unknown[]): LoopFileError {
  const ours = errors.find((error) => error instanceof LoopFileError);
  if (ours instanceof LoopFileError) return ours;
  const said = errors.find((error) => error instanceof Error);
  const text = said instanceof Error ? said.message : '';
  if (entriesRead === 0) {
    return new LoopFileError(
      'not-a-loop',
      'This is not a loop file: it is no tar archive.',
      'Give a file made by loopctl export; if it was compressed on the way, unpack it first.',
    );
  }
  return damaged(text === 'Unexpected end of data' ? 'it ends too early' : text || 'it cannot be read');
}

function tooLarge(what: string): LoopFileError {
  return new LoopFileError(
    'too-large',
    `The loop file is too large: ${what}.`,
    'If you trust where it comes from, replay it there instead.',
  );
}
