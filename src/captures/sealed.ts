/** What tells whom a capture is of, as it rests: AES-256-GCM under a key derived from the store's, bound to the capture. */
import { createHmac, hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { CaptureId, Selector } from '../domain/capture.ts';
import { decrypt, encrypt } from '../seal/gcm.ts';
import type { StoreKey } from '../seal/keys.ts';
import { selectorText } from './selector.ts';
import type { WrittenSessions } from './sessions.ts';

export interface CaptureSecrets {
  readonly select: Selector;
  readonly reason: string;
  readonly who: string;
  readonly sessions: WrittenSessions;
}

const PLACE = z.object({ kind: z.enum(['jwt', 'header', 'cookie', 'query', 'json']), name: z.string() });
const SECRETS = z.object({
  select: z.object({ user: z.string().exactOptional(), pairs: z.array(z.object({ place: PLACE, value: z.string() })) }),
  reason: z.string(),
  who: z.string(),
  sessions: z.array(z.tuple([z.string(), z.array(z.object({ at: z.number(), own: z.boolean() }))])),
});

const KEY_BYTES = 32;

export function sealSecrets(secrets: CaptureSecrets, key: StoreKey, id: CaptureId): Uint8Array {
  return encrypt(
    derived(key, 'loop captures'),
    Buffer.from(JSON.stringify(secrets)),
    Buffer.from(`loop capture\0${id}`),
  );
}

/** Undefined when it was sealed under another key, altered, or written by a newer version. */
export function openSecrets(sealed: Uint8Array, key: StoreKey, id: CaptureId): CaptureSecrets | undefined {
  const plain = decrypt(derived(key, 'loop captures'), sealed, Buffer.from(`loop capture\0${id}`));
  if (plain === undefined) return undefined;
  try {
    return SECRETS.safeParse(JSON.parse(plain.toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Whom a capture is of, so that what is taken of one user can be summed, and nobody can find out who by trying. 16 bytes in hex. */
export function selectorDigest(select: Selector, key: StoreKey): string {
  return createHmac('sha256', derived(key, 'loop captured users'))
    .update(selectorText(select))
    .digest('hex')
    .slice(0, 32);
}

function derived(key: StoreKey, use: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key.bytes, '', use, KEY_BYTES));
}
