import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Bytes that a sealed block is longer than it was. */
export const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/**
 * AES-256-GCM under a key that is only ever in memory. The nonce is the block's number, which counts up and is never used twice under one key
 * (NIST SP 800-38D, 8.2.1); so an older block at the same place does not open as the newer one. Returns ciphertext ‖ tag.
 */
export function sealBlock(key: Uint8Array, number: number, plain: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: TAG_BYTES });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined when these are not the bytes that were sealed as this block. */
export function openBlock(key: Uint8Array, number: number, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(number), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    // Node reports a failed tag only by throwing, and with nothing else in it.
    return undefined;
  }
}

function nonceOf(number: number): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeBigUInt64BE(BigInt(number), NONCE_BYTES - 8);
  return nonce;
}
