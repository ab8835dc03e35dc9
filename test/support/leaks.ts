/** Secrets in bytes, as somebody would find them who decodes what can be decoded. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';

const DEPTH = 3;

/** Those of `secrets` that can be read in any of `texts`. */
export function findLeaks(texts: readonly (string | Uint8Array)[], secrets: readonly string[]): readonly string[] {
  const found = new Set<string>();
  for (const text of texts) search(Buffer.from(text), secrets, found, DEPTH);
  return [...found];
}

/** Every file below, a database's log too. */
export function filesBelow(directory: string): readonly Uint8Array[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

function search(bytes: Buffer, secrets: readonly string[], found: Set<string>, depth: number): void {
  const text = bytes.toString('latin1');
  for (const spelling of spellings(text))
    for (const secret of secrets) if (!found.has(secret) && spelling.includes(secret)) found.add(secret);
  if (depth === 0) return;
  for (const inner of decodings(bytes, text)) search(inner, secrets, found, depth - 1);
}

/** JSON and URLs write some characters otherwise. */
function spellings(text: string): readonly string[] {
  const unescaped = text
    .replace(/\\(["\\/])/g, '$1')
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const plain = unescaped.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return [text, unescaped, plain];
}

function* decodings(bytes: Buffer, text: string): Generator<Buffer> {
  for (const spelling of new Set(spellings(text)))
    for (const [run] of spelling.matchAll(/[A-Za-z0-9+/_-]{16,}={0,2}/g)) yield Buffer.from(run, 'base64');
  for (const [, hex] of text.matchAll(/\\x((?:[0-9a-f]{2}){8,})/gi)) yield Buffer.from(hex ?? '', 'hex');
  for (const [magic, open] of PACKED)
    for (let at = bytes.indexOf(magic); at !== -1; at = bytes.indexOf(magic, at + 1)) {
      const opened = attempt(open, bytes.subarray(at));
      if (opened !== undefined) yield opened;
    }
}

type Open = (bytes: Uint8Array) => Buffer;

const PACKED: readonly (readonly [Buffer, Open])[] = [
  [Buffer.from([0x1f, 0x8b, 8]), (bytes) => gunzipSync(bytes, { finishFlush: 2, maxOutputLength: 1 << 26 })],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), (bytes) => zstdDecompressSync(bytes, { maxOutputLength: 1 << 26 })],
];

function attempt(open: Open, bytes: Uint8Array): Buffer | undefined {
  try {
    return open(bytes);
  } catch {
    return undefined;
  }
}
