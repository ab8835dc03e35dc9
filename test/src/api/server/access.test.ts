import { describe, expect, it } from 'vitest';
import { serveAccess } from '../../../../src/api/server/access.ts';
import { ask, type Headers } from '../../../support/ask.ts';
import { installation, saveLoop, served, testAccess, TOKEN } from '../../../support/api.ts';
import { loopId } from '../../../support/transaction.ts';

async function start() {
  let now = 1_000_000;
  const home = await installation();
  await saveLoop(home, 1, new Uint8Array(4));
  const tenants = [
    { name: 'ours', services: ['pric*'] },
    { name: 'theirs', services: ['billing'] },
  ];
  const access = await testAccess({ clock: { now: () => now }, tenants });
  const { url } = await served(home.handlers, { ...serveAccess({ access, version: '0' }), apiFor: home.apiFor });
  const own = { origin: url, 'sec-fetch-site': 'same-origin' };
  const json = { 'content-type': 'application/json' };
  const signIn = (token: string, headers: Headers = { ...own, ...json }) =>
    ask(url, 'POST', '/v1/session', headers, { body: JSON.stringify({ token }) });
  return { url, access, own, signIn, pass: (ms: number) => (now += ms) };
}

async function signedIn() {
  const world = await start();
  const { json, cookie } = await world.signIn(TOKEN);
  const [pair = ''] = cookie.split(';');
  return { ...world, attributes: cookie, cookie: { cookie: pair }, csrf: { 'x-loop-csrf': String(json['csrf']) } };
}

const ADMIN = { name: 'admin', by: 'session', id: 'oidc:issuer anna', grants: [{ role: 'admin' }] } as const;
const told = async () => undefined;

describe('a session', () => {
  it('reads and writes from our own pages, with its csrf', async () => {
    const { url, own, cookie, csrf, attributes } = await signedIn();
    expect(attributes).toMatch(/^loop-session-\d+=[\w-]{43}; Path=\/; Max-Age=86400; HttpOnly; SameSite=Strict$/);
    expect((await ask(url, 'GET', '/v1/loops', { ...own, ...cookie })).status).toBe(200);
    expect((await ask(url, 'DELETE', `/v1/loops/${loopId(1)}`, { ...own, ...cookie, ...csrf })).status).toBe(204);
  });

  it.each<readonly [string, Headers]>([
    ['no csrf', { 'x-loop-csrf': '' }],
    ['another csrf', { 'x-loop-csrf': 'guess' }],
    ['another port of the host', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }],
    ['another site', { origin: 'https://attacker.example', 'sec-fetch-site': 'cross-site' }],
    ['a page without an origin', { origin: 'null' }],
    ['a form', { 'sec-fetch-site': 'same-site' }],
    ['the name of another host', { host: 'attacker.example' }],
  ])('writes nothing for %s', async (_what, changed) => {
    const { url, own, cookie, csrf } = await signedIn();
    const path = `/v1/loops/${loopId(1)}`;
    expect((await ask(url, 'DELETE', path, { ...own, ...cookie, ...csrf, ...changed })).status).toBe(403);
    expect((await ask(url, 'GET', path, { authorization: `Bearer ${TOKEN}` })).status).toBe(200);
  });

  it('ends by signing out, by age and without use', async () => {
    const { url, own, cookie, csrf, pass } = await signedIn();
    const status = async () => (await ask(url, 'GET', '/v1/loops', { ...own, ...cookie })).status;
    pass(3_599_000);
    expect(await status()).toBe(200);
    pass(3_600_000);
    expect(await status()).toBe(401);
    const again = await signedIn();
    expect(
      (await ask(again.url, 'DELETE', '/v1/session', { ...again.own, ...again.cookie, ...again.csrf })).status,
    ).toBe(204);
    expect((await ask(again.url, 'GET', '/v1/loops', { ...again.own, ...again.cookie })).status).toBe(401);
    expect(csrf).not.toEqual(again.csrf);
  });

  it('is begun from our own origin only', async () => {
    const { signIn } = await start();
    expect((await signIn(TOKEN, { 'content-type': 'application/json' })).status).toBe(403);
    expect((await signIn('wrong')).status).toBe(401);
    expect((await signIn(TOKEN)).status).toBe(200);
  });
});

describe('a made token', () => {
  it('may what it was made for, makes no others, and ends with its sessions', async () => {
    const { url, access, own, signIn } = await start();
    const asked = { name: 'ci', roles: ['viewer'], forMs: 60_000 } as const;
    const { token, secret } = await access.tokens.create(ADMIN, asked, told);
    const bearer = { authorization: `Bearer ${secret}` };
    expect((await ask(url, 'GET', '/v1/loops', bearer)).status).toBe(200);
    expect((await ask(url, 'DELETE', `/v1/loops/${loopId(1)}`, bearer)).status).toBe(403);
    const made = { id: `token:${token.id}`, name: 'ci (token)', by: 'session', grants: ADMIN.grants } as const;
    await expect(access.tokens.create(made, asked, told)).rejects.toMatchObject({ code: 'forbidden' });
    const [cookie = ''] = (await signIn(secret)).cookie.split(';');
    expect((await ask(url, 'GET', '/v1/loops', { ...own, cookie })).status).toBe(200);
    await access.tokens.revoke(ADMIN, token.id, told);
    expect((await ask(url, 'GET', '/v1/loops', bearer)).status).toBe(401);
    expect((await ask(url, 'GET', '/v1/loops', { ...own, cookie })).status).toBe(401);
  });

  it('sees of another tenant what it sees of nothing', async () => {
    const { url, access } = await start();
    const at = async (tenant: string) => {
      const asked = { name: tenant, roles: ['viewer'], tenants: [tenant], forMs: 60_000 } as const;
      return { authorization: `Bearer ${(await access.tokens.create(ADMIN, asked, told)).secret}` };
    };
    const list = async (headers: Headers) => (await ask(url, 'GET', '/v1/loops', headers)).json['loops'];
    // The control: whoever has a service of it sees that it is, and of its entry nothing.
    expect(await list(await at('ours'))).toMatchObject([{ id: loopId(1), service: '(hidden)', services: ['pricing'] }]);
    const theirs = await at('theirs');
    expect(await list(theirs)).toEqual([]);
    for (const path of ['', '/resolve', '/har', '/exemplars', `/compare/exemplar`]) {
      const answers = [loopId(1), loopId(2)].map(async (id) => {
        const { status, json } = await ask(url, 'GET', `/v1/loops/${id}${path}`, theirs);
        return JSON.stringify([status, json]).replaceAll(id, 'ID');
      });
      const [hidden, absent] = await Promise.all(answers);
      expect(hidden).toBe(absent);
      expect(hidden).toMatch(/^\[404,/);
    }
  });

  it('holds at most where its maker holds', async () => {
    const { access } = await start();
    const ours = { name: 'ours', services: ['pric*'] };
    const maker = { ...ADMIN, grants: [{ role: 'debugger', tenants: [ours] }] } as const;
    const make = (more: object) =>
      access.tokens.create(maker, { name: 'x', roles: ['viewer'], forMs: 60_000, ...more }, told);
    expect((await make({})).token.tenants).toEqual(['ours']);
    await expect(make({ tenants: ['theirs'] })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(make({ roles: ['admin'] })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(make({ tenants: ['unknown'] })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('wrong tokens', () => {
  it('are slowed, and a right one from there never', async () => {
    const { url } = await start();
    const with_ = (token: string) => ask(url, 'GET', '/v1/loops', { authorization: `Bearer ${token}` });
    for (let n = 0; n < 20; n += 1) expect((await with_(`guess ${n}`)).status).toBe(401);
    expect((await with_('guess')).status).toBe(429);
    expect((await with_(TOKEN)).status).toBe(200);
  });
});
