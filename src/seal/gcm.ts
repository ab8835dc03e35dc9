import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** 96 bits, the length GCM is defined for (NIST SP 800-38D, 8.2.2: random nonces, at most 2^32 messages under one key). */
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** AES-256-GCM. Returns nonce ‖ ciphertext ‖ tag. */
export function encrypt(key: Uint8Array, plain: Uint8Array, bound: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound);
  const body = cipher.update(plain);
  return Buffer.concat([nonce, body, cipher.final(), cipher.getAuthTag()]);
}

/** The plain bytes of nonce ‖ ciphertext ‖ tag; undefined when key, bytes or bound data are not those that were encrypted. */
export function decrypt(key: Uint8Array, sealed: Uint8Array, bound: Uint8Array): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const tag = sealed.subarray(sealed.length - TAG_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    // Node reports a failed tag only by throwing, and with nothing else in it.
    return undefined;
  }
}
