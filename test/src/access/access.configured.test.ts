/** What is kept and configured of who may: the file of tokens, `access:`, and cookies where people come over https. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACCESS } from '../../../src/access/config.ts';
import { tokenFile, type StoredToken } from '../../../src/access/token-file.ts';
import { tokenHandlers } from '../../../src/api/tokens.ts';
import { AuditError } from '../../../src/audit/error.ts';
import { testAccess, TOKEN } from '../../support/api.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const ADMIN = { id: 'generated', name: 'token', by: 'token', grants: [{ role: 'admin' }] } as const;
const told = async () => undefined;

describe('the file of tokens', () => {
  it('has digests and no token, and is read again', async () => {
    const path = join(temporaryDirectory(), 'tokens.json');
    const access = await testAccess({ file: tokenFile(path) });
    const asked = { name: 'ci', roles: ['viewer'], forMs: 60_000 } as const;
    const { secret } = await access.tokens.create(ADMIN, asked, told);
    expect(readFileSync(path, 'utf8')).not.toContain(secret.slice(-43));
    expect((await testAccess({ file: tokenFile(path) })).tokens.find(secret)?.principal.name).toBe('ci (token)');
  });

  it.each(['', '{', '[]', '{"version":2,"tokens":[]}', '{"version":1,"tokens":[{"id":"x"}]}'])(
    'is not taken for an empty one when it is %j',
    async (text) => {
      const path = join(temporaryDirectory(), 'tokens.json');
      writeFileSync(path, text);
      await expect(testAccess({ file: tokenFile(path) })).rejects.toMatchObject({ code: 'damaged' });
    },
  );
});

describe('a token that is revoked while the file cannot be written', () => {
  it('is refused at once, and can be revoked again, so that it does not come back with the next start', async () => {
    const file = tokenFile(join(temporaryDirectory(), 'tokens.json'));
    let full = false;
    const failing = {
      load: () => file.load(),
      save: async (tokens: readonly StoredToken[]) => (full ? noSpace() : file.save(tokens)),
    };
    const { tokens } = await testAccess({ file: failing });
    const { token, secret } = await tokens.create(ADMIN, { name: 'ci', roles: ['viewer'], forMs: 60_000 }, told);
    const principal = tokens.find(secret)?.principal.id ?? '';
    full = true;
    await expect(tokens.revoke(ADMIN, token.id, told)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect([tokens.find(secret), tokens.alive(principal)]).toEqual([undefined, false]);
    await expect(tokens.create(ADMIN, { name: 'two', roles: ['viewer'], forMs: 1 }, told)).rejects.toThrow('no space');
    expect(tokens.list(ADMIN).map(({ name }) => name)).toEqual(['ci']);
    full = false;
    await tokens.revoke(ADMIN, token.id, told);
    expect([tokens.list(ADMIN), await file.load()]).toEqual([[], []]);
  });

  it('says what the audit, or a disk, said', async () => {
    const { tokens } = await testAccess();
    const refused = async (error: Error) =>
      tokenHandlers(tokens, ADMIN, () => Promise.reject(error)).create({ name: 'ci', roles: ['viewer'], forMs: 1 });
    await expect(refused(new AuditError('full', 'There is no space.', 'Delete something.'))).rejects.toMatchObject({
      name: 'ApiError',
      code: 'full',
      hint: 'Delete something.',
    });
    await expect(refused(new Error('no disk'))).rejects.toMatchObject({ name: 'ApiError', code: 'failed' });
  });
});

function noSpace(): never {
  throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
}

describe('over https', () => {
  const headers = { host: 'loop.example', origin: 'https://loop.example', 'sec-fetch-site': 'same-origin' };
  const asking = { method: 'POST', path: '/v1/session', address: '127.0.0.1', headers };
  const guard = { hosts: [], url: new URL('https://loop.example') };

  it('the cookie is of this host alone, and never sent in clear', async () => {
    const { cookie } = (await testAccess({ guard })).signIn(asking, TOKEN);
    expect(cookie).toMatch(
      /^__Host-loop-session=[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict; Secure$/,
    );
  });

  it('a page that came in clear under that name signs nobody in', async () => {
    const access = await testAccess({ guard });
    const clear = { ...asking, headers: { ...headers, origin: 'http://loop.example' } };
    expect(() => access.signIn(clear, TOKEN)).toThrow('only pages of this Loop');
  });
});

describe('access: of loopd.yaml', () => {
  const oidc = { issuer: 'https://id.example', clientId: 'loop', clientSecretFile: 'x', roles: { a: 'viewer' } };

  it('takes roles as a word, with tenants, and as a list', () => {
    const tenants = [{ name: 'ours', services: ['shop*'] }];
    const roles = { a: 'viewer', b: { role: 'admin', tenants: ['ours'] }, c: ['support', 'debugger'] };
    expect(ACCESS.parse({ tenants, oidc: { ...oidc, roles } }).oidc?.roles).toEqual({
      a: [{ role: 'viewer' }],
      b: [{ role: 'admin', tenants: ['ours'] }],
      c: [{ role: 'support' }, { role: 'debugger' }],
    });
  });

  it.each([
    [{ oidc: { ...oidc, issuer: 'http://id.example' } }, 'is to be https'],
    [{ oidc: { ...oidc, roles: { a: 'root' } } }, 'roles'],
    [{ oidc: { ...oidc, roles: { a: { role: 'viewer', tenants: ['x'] } } } }, 'names the tenant \\"x\\"'],
    [
      {
        tenants: [
          { name: 'a', services: ['x'] },
          { name: 'a', services: ['y'] },
        ],
      },
      'two tenants \\"a\\"',
    ],
    [{ tenants: [{ name: 'a', services: [] }] }, 'services'],
    [{ anything: 1 }, 'anything'],
  ])('is refused: %j', (written, said) => {
    expect(ACCESS.safeParse(written).error?.message).toContain(said);
  });
});
