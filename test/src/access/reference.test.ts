import { createHmac } from 'node:crypto';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { readReference } from '../../../src/access/reference.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const SECONDS = NOW / 1000;
const SECRET = Buffer.alloc(32, 7);
const OTHER = Buffer.alloc(32, 8);
const TOOLS = [
  { name: 'helpdesk', secrets: [SECRET] },
  { name: 'chat', secrets: [OTHER] },
];
const CLAIMS = {
  iss: 'helpdesk',
  aud: 'loopd',
  sub: '42',
  agent: 'anna',
  reason: 'ticket 811',
  jti: 'b1f6c0de',
  iat: SECONDS,
  exp: SECONDS + 300,
};

function signed(claims: object, secret: Uint8Array = SECRET, header: object = {}): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', ...header }).sign(secret);
}

/** By hand, with whatever header. */
function forged(header: object, claims: object, digest = 'sha256', secret: Uint8Array = SECRET): string {
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${text}.${createHmac(digest, secret).update(text).digest('base64url')}`;
}

const read = async (token: string, now = NOW) => readReference(token, TOOLS, now);

describe('a reference that a tool has signed', () => {
  it('says whom, who asks, what for and how long', async () => {
    expect(await read(await signed({ ...CLAIMS, minutes: 20 }))).toEqual({
      kind: 'reference',
      tool: 'helpdesk',
      id: 'b1f6c0de',
      user: '42',
      agent: 'anna',
      reason: 'ticket 811',
      forMs: 20 * 60_000,
      until: NOW + 300_000,
    });
  });

  it('runs for ten minutes unless it says', async () => {
    expect(await read(await signed(CLAIMS))).toMatchObject({ forMs: 600_000 });
  });

  it('may name several audiences', async () => {
    expect(await read(await signed({ ...CLAIMS, aud: ['billing', 'loopd'] }))).toMatchObject({ kind: 'reference' });
  });

  it('is read after its end too, which it tells', async () => {
    expect(await read(await signed(CLAIMS), NOW + 3_600_000)).toMatchObject({ until: NOW + 300_000 });
  });

  it('is read under the secret before and the one after, while a tool changes', async () => {
    const changing = [{ name: 'helpdesk', secrets: [OTHER, SECRET] }];
    for (const secret of [SECRET, OTHER])
      expect(await readReference(await signed(CLAIMS, secret), changing, NOW)).toMatchObject({ user: '42' });
  });
});

describe('what nobody signed that is known here', () => {
  const UNKNOWN = { kind: 'unknown', message: expect.stringContaining('not signed by a support tool') };

  it('the control: by hand, as it should be', async () => {
    expect(await read(forged({ alg: 'HS256' }, CLAIMS))).toMatchObject({ kind: 'reference' });
  });

  it.each<readonly [string, () => string | Promise<string>]>([
    ['another secret', () => signed(CLAIMS, Buffer.alloc(32, 9))],
    ['the secret of another tool', () => signed(CLAIMS, OTHER)],
    ['a tool nobody configured', () => signed({ ...CLAIMS, iss: 'nobody' })],
    ['no tool', () => signed({ ...CLAIMS, iss: undefined })],
    ['a name of every object', () => signed({ ...CLAIMS, iss: '__proto__' })],
    ['no signature', () => `${forged({ alg: 'none' }, CLAIMS).split('.').slice(0, 2).join('.')}.`],
    ['alg none, signed all the same', () => forged({ alg: 'none' }, CLAIMS)],
    ['a longer digest than was agreed', () => forged({ alg: 'HS512' }, CLAIMS, 'sha512')],
    ['an algorithm of key pairs', () => forged({ alg: 'RS256' }, CLAIMS)],
    ['a header that has to be understood', () => forged({ alg: 'HS256', crit: ['x'], x: 1 }, CLAIMS)],
    ['a payload that is not encoded', () => forged({ alg: 'HS256', crit: ['b64'], b64: false }, CLAIMS)],
    ['a payload that was changed', async () => tampered(await signed(CLAIMS))],
    ['text', () => 'Bearer'],
    ['nothing', () => ''],
    ['more than anybody signs', () => signed({ ...CLAIMS, reason: 'x'.repeat(10_000) })],
    ['a payload that is no object', () => forged({ alg: 'HS256' }, [1])],
  ])('%s', async (_what, token) => {
    expect(await read(await token())).toEqual(UNKNOWN);
  });
});

describe('what is signed, but not as it should be', () => {
  it.each<readonly [string, object, string]>([
    ['without a user', { sub: undefined }, '"sub"'],
    ['an empty user', { sub: ' ' }, '"sub"'],
    ['without an agent', { agent: undefined }, '"agent"'],
    ['without a reason', { reason: '' }, '"reason"'],
    ['without an id of its own', { jti: undefined }, '"jti"'],
    ['for somebody else', { aud: 'billing' }, '"aud"'],
    ['for nobody', { aud: undefined }, '"aud"'],
    ['without an end', { exp: undefined }, '"exp"'],
    ['without a beginning', { iat: undefined }, '"iat"'],
    ['for an hour', { exp: SECONDS + 3600 }, 'at most 900 seconds'],
    ['which ends before it begins', { exp: SECONDS - 1 }, 'behind "iat"'],
    ['tomorrow', { iat: SECONDS + 86_400, exp: SECONDS + 86_460 }, 'the future'],
    ['no time at all', { minutes: 0 }, '"minutes"'],
  ])('%s', async (_what, claims, said) => {
    const fault = await read(await signed({ ...CLAIMS, ...claims }));
    expect(fault).toMatchObject({ kind: 'wrong', message: expect.stringContaining(said) });
    expect(JSON.stringify(fault)).not.toContain('811');
  });

  it('a clock that is a little fast is forgiven', async () => {
    expect(await read(await signed({ ...CLAIMS, iat: SECONDS + 20 }))).toMatchObject({ kind: 'reference' });
  });
});

function tampered(token: string): string {
  const [header = '', , signature = ''] = token.split('.');
  const claims = Buffer.from(JSON.stringify({ ...CLAIMS, sub: '43' })).toString('base64url');
  return [header, claims, signature].join('.');
}
