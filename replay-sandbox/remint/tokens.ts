/** JWTs in a recording whose originals were not kept: their claims stand, their signature says `redacted` (src/seal/shapes.ts). */
import { constants, sign, type KeyObject } from 'node:crypto';
import { z } from 'zod';

const HEADER = z.looseObject({ alg: z.string(), kid: z.string().optional() });
const CLAIMS = z.record(z.string(), z.unknown());

/** As many characters as `redacted` and 48 bits in hex take. */
const TOKEN = /\beyJ[\w-]{5,}\.eyJ[\w-]+\.([\w-]{28})(?![\w.-])/g;

/** What happens to tokens: `signer` gives the key for a `kid`, `told` hears what became of each. */
export interface Minting {
  readonly signer: (kid: string | undefined) => KeyObject | undefined;
  /** By how much the recording is older than now, seconds: tokens are as old as they were. */
  readonly ageSeconds: number;
  readonly told: (outcome: 'minted' | 'no-key') => void;
}

/** The text with its tokens signed again; those nobody here has a key for stay as they are. */
export function remintTokens(text: string, minting: Minting): string {
  return text.replace(TOKEN, (token: string, signature: string) => {
    if (!Buffer.from(signature, 'base64url').toString('latin1').startsWith('redacted ')) return token;
    const minted = remint(token, minting);
    minting.told(minted === undefined ? 'no-key' : 'minted');
    return minted ?? token;
  });
}

function remint(token: string, { signer, ageSeconds }: Minting): string | undefined {
  const [head = '', body = ''] = token.split('.');
  const header = HEADER.safeParse(parse(head));
  const claims = CLAIMS.safeParse(parse(body));
  if (!header.success || !claims.success) return undefined;
  const key = signer(header.data.kid);
  const signed = `${head}.${encode(moved(claims.data, ageSeconds))}`;
  const signature = key && signWith(header.data.alg, signed, key);
  return signature && `${signed}.${signature.toString('base64url')}`;
}

const TIMES = ['iat', 'nbf', 'exp', 'auth_time'];

function moved(claims: Readonly<Record<string, unknown>>, seconds: number): Readonly<Record<string, unknown>> {
  const times = TIMES.flatMap((name) => {
    const value = claims[name];
    return typeof value === 'number' ? [[name, Math.round(value + seconds)] as const] : [];
  });
  return { ...claims, ...Object.fromEntries(times) };
}

/** RFC 7518, 3.1 and RFC 8037. Undefined where algorithm and key do not go together, or the secret is shared (HS256). */
function signWith(algorithm: string, text: string, key: KeyObject): Buffer | undefined {
  const data = Buffer.from(text);
  if (algorithm === 'EdDSA') return key.asymmetricKeyType === 'ed25519' ? sign(null, data, key) : undefined;
  const [, family, bits] = /^(RS|PS|ES)(256|384|512)$/.exec(algorithm) ?? [];
  if (family === undefined || (family === 'ES') !== (key.asymmetricKeyType === 'ec')) return undefined;
  const hash = `sha${bits}`;
  if (family === 'ES') return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' });
  if (family === 'RS') return sign(hash, data, key);
  return sign(hash, data, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
}

function parse(piece: string): unknown {
  try {
    return JSON.parse(Buffer.from(piece, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
