/** Values that stand for secrets: as long and of the same signs, so that a client that looks at their form takes them. Mocks accept them. */
import type { KeyObject } from 'node:crypto';
import { createHmac, createPrivateKey, generateKeyPairSync } from 'node:crypto';

/** By which people tell what kind of key it is: `sk_live_`, `ghp_`, `xoxb-`. */
const PREFIX = /^(?:[A-Za-z]{2,8}[_-]){1,2}(?=[A-Za-z0-9]{8})/;
const TOKEN = /^(eyJ[\w-]+\.[\w-]*\.)([\w-]+)$/;
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const HEX = 'abcdef';
const NOTHING_ALIKE = 'loop-sandbox';

/** One for each secret of a replay, the same wherever it stands. */
export type Placeholders = (secret: string) => string;

/** `seed`: so that nothing can be told from what stands for a secret. */
export function placeholders(seed: Uint8Array): Placeholders {
  const known = new Map<string, string>();
  return (secret) => {
    const made = known.get(secret) ?? make(secret, seed);
    known.set(secret, made);
    return made;
  };
}

function make(secret: string, seed: Uint8Array): string {
  if (secret.includes('PRIVATE KEY-----')) return anotherKey(secret) ?? NOTHING_ALIKE;
  const [, claims, signature] = TOKEN.exec(secret) ?? [];
  if (claims !== undefined && signature !== undefined) return claims + alike(signature, seed);
  const [prefix = ''] = PREFIX.exec(secret) ?? [];
  const made = prefix + alike(secret.slice(prefix.length), seed);
  return made === secret && secret !== '' ? NOTHING_ALIKE : made;
}

/** Letters for letters, digits for digits, hex for hex. */
function alike(text: string, seed: Uint8Array): string {
  const letters = /^[0-9a-f-]+$/i.test(text) ? HEX : LOWER;
  const bytes = createHmac('sha256', seed).update(text).digest();
  return Array.from(text)
    .map((sign, index) => {
      const chance = (bytes[index % bytes.length] ?? 0) + index;
      const letter = letters[chance % letters.length] ?? 'x';
      if (/[0-9]/.test(sign)) return String(chance % 10);
      if (/[a-z]/.test(sign)) return letter;
      return /[A-Z]/.test(sign) ? letter.toUpperCase() : sign;
    })
    .join('');
}

/** A service may read its key as it starts: so it is a key, of the same kind, and nobody's. */
function anotherKey(pem: string): string | undefined {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPrivateKey(pem);
    return pemOf(
      type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: details?.namedCurve ?? 'prime256v1' })
        : type === 'ed25519'
          ? generateKeyPairSync('ed25519')
          : generateKeyPairSync('rsa', { modulusLength: details?.modulusLength ?? 2048 }),
    );
  } catch {
    return undefined;
  }
}

function pemOf({ privateKey }: { readonly privateKey: KeyObject }): string {
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}
