/** Key sets (RFC 7517) in recorded answers, and keys of our own that stand for theirs. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';

const KEY = z.looseObject({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z.string().optional(),
  crv: z.string().optional(),
});
const KEY_SET = z.looseObject({ keys: z.array(KEY).min(1).max(32) });

export type RecordedKey = z.infer<typeof KEY>;
export type KeySet = z.infer<typeof KEY_SET>;

/** Undefined for a body that is no key set, or one with keys that are no public ones of RSA, EC or Ed25519. */
export function parseKeySet(text: string): KeySet | undefined {
  if (!text.includes('"keys"')) return undefined;
  try {
    return KEY_SET.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

interface OwnKey {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const CURVES: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

/** One key of our own per recorded one, by its `kid`. */
export class OwnKeys {
  readonly #keys = new Map<string, OwnKey>();

  /** The set with our public keys: same ids, uses and algorithms. Certificates of the recorded keys are left out. */
  replace({ keys, ...rest }: KeySet): KeySet {
    const own = keys.flatMap((recorded) => {
      const key = this.#own(recorded);
      if (key === undefined) return [recorded];
      const { kid, alg, use, key_ops: operations } = recorded;
      return [{ ...KEY.parse(key.publicKey.export({ format: 'jwk' })), kid, alg, use, key_ops: operations }];
    });
    return { ...rest, keys: own };
  }

  /** Signs for `kid`; a token that names none is signed by the only key there is. */
  signer(kid: string | undefined): KeyObject | undefined {
    const key = kid === undefined && this.#keys.size === 1 ? [...this.#keys.values()][0] : this.#keys.get(kid ?? '');
    return key?.privateKey;
  }

  get size(): number {
    return this.#keys.size;
  }

  #own(recorded: RecordedKey): OwnKey | undefined {
    const name = recorded.kid ?? '';
    const known = this.#keys.get(name) ?? generate(recorded);
    if (known !== undefined) this.#keys.set(name, known);
    return known;
  }
}

function generate({ kty, crv }: RecordedKey): OwnKey | undefined {
  if (kty === 'RSA') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  if (kty === 'EC' && crv !== undefined && CURVES.has(crv)) return generateKeyPairSync('ec', { namedCurve: crv });
  return kty === 'OKP' && crv === 'Ed25519' ? generateKeyPairSync('ed25519') : undefined;
}
