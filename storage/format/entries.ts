/** The entries of a `.loop` tar, in memory: names are checked and never used as paths. */
import type { LoopFileCaps } from './caps.ts';
import { damaged, LoopFileError, tooLarge } from './errors.ts';
import { parseEntryName, type EntryName } from './names.ts';
import { Pieces } from './pieces.ts';
import { BLOCK_BYTES, parseTarHeader, type TarHeader } from './tar.ts';

export interface LoopEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Zeros at the end: two blocks of a tar, and what tape-minded programs fill up with. */
const MOST_PADDING = 1024 * 1024;

/** Everything in the tar, first to last. Rejects with LoopFileError at the first entry that is too large, unsafe or cut off. */
export async function readEntries(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  caps: LoopFileCaps,
): Promise<readonly LoopEntry[]> {
  const pieces = new Pieces(source, caps.totalBytes);
  try {
    return await readAll(pieces, caps);
  } finally {
    await pieces.close();
  }
}

async function readAll(pieces: Pieces, caps: LoopFileCaps): Promise<readonly LoopEntry[]> {
  const entries: LoopEntry[] = [];
  let textBytes = 0;
  for (;;) {
    const header = await readHeader(pieces, entries.length === 0);
    if (header === 'end') return entries;
    if (entries.length === caps.entries) throw tooLarge(`it has more than ${caps.entries} entries`);
    const { content } = admitted(header, caps);
    if (typeof content === 'string') textBytes += header.size;
    if (textBytes > caps.textBytes)
      throw tooLarge(`its loop.json and view.json have more than ${caps.textBytes} bytes together`);
    const bytes = await pieces.take(header.size);
    const padding = await pieces.take((BLOCK_BYTES - (header.size % BLOCK_BYTES)) % BLOCK_BYTES);
    if (bytes === undefined || padding === undefined) throw damaged('it ends too early');
    entries.push({ name: header.name, bytes });
  }
}

async function readHeader(pieces: Pieces, first: boolean): Promise<TarHeader | 'end'> {
  const block = await pieces.take(BLOCK_BYTES);
  const header = block && parseTarHeader(block);
  if (block === undefined || header === undefined) throw first ? noTar() : damaged('it ends too early');
  if (header === 'end') {
    const zeros = await pieces.zeros(MOST_PADDING);
    if (zeros === undefined) throw damaged('something stands behind its end');
    if (zeros < BLOCK_BYTES) throw damaged('it ends too early');
    return 'end';
  }
  if (!('fault' in header)) return header;
  throw first ? noTar(compressionOf(block)) : damaged(header.fault);
}

/** Throws for what is no entry of a recording, and for one that says it is larger than its kind may be. */
function admitted({ name, type, size }: TarHeader, caps: LoopFileCaps): EntryName {
  const parsed = type === 'file' ? parseEntryName(name) : undefined;
  if (parsed === undefined) {
    const facts = `The loop file has an entry that is none of a recording: ${JSON.stringify(name.slice(0, 200))} (${type}).`;
    throw new LoopFileError(
      'unsafe-entry',
      facts,
      'Nothing was written. Take the file from where it was exported; do not pack it by hand.',
    );
  }
  const cap =
    parsed.content === 'manifest' ? caps.manifestBytes : parsed.content === 'view' ? caps.viewBytes : caps.partBytes;
  if (size > cap) throw tooLarge(`${name} has ${size} bytes, at most ${cap} are read`);
  return parsed;
}

function noTar(compression?: string): LoopFileError {
  if (compression === undefined)
    return new LoopFileError(
      'not-a-loop',
      'This is not a loop file: it is no tar archive.',
      'Give a file made by loopctl export.',
    );
  return new LoopFileError(
    'not-a-loop',
    `This is not a loop file: it was compressed on the way (${compression}).`,
    'Unpack it first; what loopctl export writes is compressed inside.',
  );
}

/** By the first bytes: RFC 1952, RFC 8878, xz and bzip2's own, APPNOTE.TXT of ZIP. */
function compressionOf(block: Uint8Array): string | undefined {
  const start = Buffer.from(block.subarray(0, 6)).toString('hex');
  const magics = { '1f8b': 'gzip', '28b52ffd': 'zstd', fd377a585a00: 'xz', '425a68': 'bzip2', '504b0304': 'zip' };
  return Object.entries(magics).find(([magic]) => start.startsWith(magic))?.[1];
}
