/**
 * How recorded bytes rest: a data key per loop, wrapped under the store's key; parts compressed, then encrypted under the data key.
 * Integers are little-endian. The headers are authenticated together with the loop id, so neither a key nor a part can be moved to
 * another loop or another place in it. Byte layouts: docs/RECORDING_FORMAT.md.
 *
 *     wrapped key, 72 bytes          sealed part
 *     0   "LWK1"                     0   "LSP1"
 *     4   store key id (8)           4   data key check (8)
 *     12  nonce (12)                 12  u32 index of the part
 *     24  ciphertext (32)            16  u32 bytes when opened
 *     56  tag (16)                   20  nonce (12), ciphertext of the zstd frame, tag (16)
 */
import { createHash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { LoopId } from '../domain/ids.ts';
import { SealError } from './errors.ts';
import { decrypt, encrypt, NONCE_BYTES, TAG_BYTES } from './gcm.ts';
import { dataKey, dataKeyCheck, KEY_BYTES, type DataKey, type StoreKey } from './keys.ts';

const WRAP_MAGIC = Buffer.from('LWK1');
const PART_MAGIC = Buffer.from('LSP1');
const WRAP_HEADER = 12;
const PART_HEADER = 20;
const WRAPPED_KEY_BYTES = WRAP_HEADER + NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** Records above this are refused on open: one part is at most the recorder's budget of a transaction, far below. */
const MAX_PART_BYTES = 512 * 1024 * 1024;

export function wrapKey(key: DataKey, under: StoreKey, loop: LoopId): Uint8Array {
  const header = Buffer.concat([WRAP_MAGIC, Buffer.from(under.id, 'hex')]);
  return Buffer.concat([header, encrypt(under.bytes, key.bytes, bind('key', loop, header))]);
}

/** The store key id a wrapped key asks for; undefined when the bytes are no wrapped key. */
export function wrappedKeyId(wrapped: Uint8Array): string | undefined {
  if (wrapped.length !== WRAPPED_KEY_BYTES || !WRAP_MAGIC.equals(wrapped.subarray(0, 4))) return undefined;
  return Buffer.from(wrapped.subarray(4, WRAP_HEADER)).toString('hex');
}

export function unwrapKey(wrapped: Uint8Array, under: StoreKey, loop: LoopId): DataKey | SealError {
  const id = wrappedKeyId(wrapped);
  if (id === undefined) return unsupported(`the wrapped key of loop ${loop}`);
  if (id !== under.id) {
    const hint = 'Open it where it was recorded, or ask for an export without the seal.';
    return new SealError(
      'wrong-key',
      `Loop ${loop} is sealed under the store key ${id}; the key at hand is ${under.id}.`,
      hint,
    );
  }
  const plain = decrypt(
    under.bytes,
    wrapped.subarray(WRAP_HEADER),
    bind('key', loop, wrapped.subarray(0, WRAP_HEADER)),
  );
  return plain ? dataKey(plain) : tampered(`The wrapped key of loop ${loop}`);
}

/** Seals the records of one part; `index` is its place among the loop's parts, from 0. Takes about 3 ms per MiB, most of it zstd. */
export function sealPart(
  records: Uint8Array,
  key: DataKey,
  loop: LoopId,
  index: number,
): { readonly digest: string; readonly bytes: Uint8Array } {
  const header = Buffer.alloc(PART_HEADER);
  PART_MAGIC.copy(header);
  dataKeyCheck(key).copy(header, 4);
  header.writeUInt32LE(index, 12);
  header.writeUInt32LE(records.length, 16);
  // Level 1: bodies are mostly JSON, which halves or better at once; higher levels cost the main thread more than they save.
  const packed = zstdCompressSync(records, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const bytes = Buffer.concat([header, encrypt(key.bytes, packed, bind('part', loop, header))]);
  return { digest: digestOf(bytes), bytes };
}

/** Bytes a sealed part says it opens to, and to which it is held; 0 when the bytes are no sealed part. */
export function sealedBytes(sealed: Uint8Array): number {
  if (sealed.length < PART_HEADER) return 0;
  return new DataView(sealed.buffer, sealed.byteOffset).getUint32(16, true);
}

/** The records of a part sealed by `sealPart` for this loop and place. */
export function openPart(
  sealed: Uint8Array,
  key: DataKey,
  loop: LoopId,
  index: number,
  maxBytes = MAX_PART_BYTES,
): Uint8Array | SealError {
  const what = `part ${index + 1} of loop ${loop}`;
  const header = Buffer.from(sealed.subarray(0, PART_HEADER));
  if (header.length < PART_HEADER || !PART_MAGIC.equals(header.subarray(0, 4))) return unsupported(what);
  if (!dataKeyCheck(key).equals(header.subarray(4, 12))) {
    return new SealError(
      'wrong-key',
      `P${what.slice(1)} is sealed under another data key, or its header was altered.`,
      DAMAGED_HINT,
    );
  }
  const size = header.readUInt32LE(16);
  if (size > maxBytes)
    return new SealError('too-large', `P${what.slice(1)} opens to ${size} bytes; at most ${maxBytes} are read.`);
  const packed = decrypt(key.bytes, sealed.subarray(PART_HEADER), bind('part', loop, header));
  if (packed === undefined || header.readUInt32LE(12) !== index) return tampered(`P${what.slice(1)}`);
  return unpack(packed, size) ?? tampered(`P${what.slice(1)}`);
}

/** SHA-256 of sealed bytes, hex: what the store calls them by. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function unpack(packed: Uint8Array, size: number): Uint8Array | undefined {
  try {
    // The limit is the authenticated length: a frame that inflates beyond it stops there.
    const plain = zstdDecompressSync(packed, { maxOutputLength: Math.max(size, 1) });
    return plain.length === size ? plain : undefined;
  } catch {
    return undefined;
  }
}

function bind(use: 'key' | 'part', loop: LoopId, header: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`loop ${use}\0${loop}\0`), header]);
}

const DAMAGED_HINT = 'The file is damaged or was altered; take it again from where it was recorded, or from a backup.';

function tampered(what: string): SealError {
  return new SealError('tampered', `${what} is not what was sealed.`, DAMAGED_HINT);
}

function unsupported(what: string): SealError {
  const hint = 'It may be written by a newer Loop (then upgrade this one), or the file is damaged.';
  return new SealError(
    'unsupported',
    `I cannot read ${what}: it does not begin like anything this version seals.`,
    hint,
  );
}
