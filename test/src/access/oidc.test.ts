/** The way to a real OpenID provider and back, walked as a browser would, and in one. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Oidc } from '../../../src/access/oidc.ts';
import { serveAccess } from '../../../src/api/server/access.ts';
import { installation, served, testAccess } from '../../support/api.ts';
import { ask, type Asked } from '../../support/ask.ts';
import { useBrowser } from '../../support/browser.ts';
import { CLIENT, startProvider } from '../../support/identity-provider.ts';

const browser = useBrowser();

async function start({ issuer: claimed }: { readonly issuer?: (real: string) => string } = {}) {
  let now = Date.now();
  let url = '';
  const issuer = await startProvider(() => `${url}/auth/oidc/callback`, { anna: ['oncall'], bob: ['sales'] });
  const clock = { now: () => now };
  const tenants = [{ name: 'ours', services: ['pric*'] }];
  const access = await testAccess({ clock, tenants });
  const oidc = new Oidc({
    settings: {
      name: 'Example',
      issuer: claimed?.(issuer) ?? issuer,
      clientId: CLIENT.id,
      clientSecretFile: '',
      scopes: ['email', 'profile'],
      rolesClaim: 'groups',
      roles: { oncall: [{ role: 'debugger' }, { role: 'support', tenants: ['ours'] }] },
    },
    clientSecret: CLIENT.secret,
    url: () => url,
    tenants,
    clock,
    random: (bytes) => randomBytes(bytes),
  });
  const home = await installation();
  url = (await served(home.handlers, { ...serveAccess({ access, oidc, version: '0' }), apiFor: home.apiFor })).url;
  return { url, issuer, pass: (ms: number) => (now += ms) };
}

/** Cookies of both, by name, as a browser keeps them. */
class Walker {
  readonly #cookies = new Map<string, string>();

  async get(target: string, more: Readonly<Record<string, string>> = {}): Promise<Asked> {
    return this.#ask('GET', target, more);
  }

  async post(target: string, fields: Readonly<Record<string, string>>): Promise<Asked> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#ask('POST', target, type, new URLSearchParams(fields).toString());
  }

  async #ask(method: string, target: string, more: Readonly<Record<string, string>>, body = ''): Promise<Asked> {
    const { origin, pathname, search } = new URL(target);
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await ask(origin, method, pathname + search, { cookie, ...more }, { body });
    for (const set of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }

  /** As `who`, up to the address that leads back to loopd. */
  async signInAs(who: string, url: string, issuer: string): Promise<string> {
    let next = String((await this.get(`${url}/auth/oidc?to=/captures`)).headers['location']);
    for (let step = 0; step < 10; step += 1) {
      if (next.startsWith(url)) return next;
      const page = await this.get(next);
      const form = /action="([^"]*\/interaction\/[^"]+)"/.exec(page.text)?.[1];
      const prompt = /name="prompt" value="(\w+)"/.exec(page.text)?.[1] ?? '';
      const answer =
        form === undefined ? page : await this.post(new URL(form, issuer).href, { prompt, login: who, password: 'x' });
      next = new URL(String(answer.headers['location']), issuer).href;
    }
    throw new Error(`The provider does not lead back: ${next}`);
  }
}

const told = ({ status, json }: Asked) => [status, json['code'], json['title']];

describe('signing in at a provider', () => {
  it('leads back to the page asked for, with the roles of the groups, until signing out', async () => {
    const { url, issuer } = await start();
    const walker = new Walker();
    const back = await walker.get(await walker.signInAs('anna', url, issuer));
    expect(back.status).toBe(200);
    expect(back.text).toContain('content="0;url=/captures"');
    expect(back.headers['content-security-policy']).not.toContain('sandbox');
    const own = { origin: url, 'sec-fetch-site': 'same-origin' };
    const { json } = await walker.get(`${url}/v1/session`, own);
    expect(json['principal']).toMatchObject({ name: 'anna@example.com', roles: ['debugger', 'support'] });
    const { cookie } = back;
    const sent = { ...own, cookie: cookie.split(';')[0] ?? '' };
    expect((await ask(url, 'GET', '/v1/loops', sent)).status).toBe(200);
    const csrf = { 'x-loop-csrf': String(json['csrf']) };
    expect((await ask(url, 'DELETE', '/v1/session', { ...sent, ...csrf })).status).toBe(204);
    expect((await ask(url, 'GET', '/v1/loops', sent)).status).toBe(401);
  });

  it('is begun sixty times a minute by an address, and pushes out nobody who is on the way', async () => {
    const { url, issuer, pass } = await start();
    const walker = new Walker();
    const back = await walker.signInAs('anna', url, issuer);
    const begin = async (from: string) => told(await ask(url, 'GET', '/auth/oidc', {}, { from }));
    for (let count = 1; count < 60; count += 1) expect((await begin('127.0.0.1'))[0]).toBe(303);
    expect(await begin('127.0.0.1')).toEqual([429, 'slow-down', 'Too many began to sign in from this address.']);
    for (let count = 0; count < 940; count += 1) await begin(`127.0.1.${1 + (count % 20)}`);
    expect(await begin('127.0.2.1')).toEqual([429, 'slow-down', 'Too many began to sign in here.']);
    expect((await walker.get(back)).status).toBe(200);
    pass(600_000);
    expect((await begin('127.0.0.1'))[0]).toBe(303);
  });

  it('gives nobody a role unasked', async () => {
    const { url, issuer } = await start();
    const walker = new Walker();
    const back = await walker.get(await walker.signInAs('bob', url, issuer));
    expect(told(back)).toEqual([403, 'forbidden', 'bob@example.com is known at Example, and has no role here.']);
    expect(back.cookie).toBe('');
  });

  it('takes no forged state, no code twice, none of another browser, and none that took too long', async () => {
    const { url, issuer, pass } = await start();
    const refused = [403, 'forbidden', 'Signing in at the provider did not work out.'];
    const unknown = [403, 'forbidden', 'This browser did not begin to sign in here, or took too long.'];
    const forger = new Walker();
    const forged = new URL(await forger.signInAs('anna', url, issuer));
    forged.searchParams.set('state', 'x');
    expect(told(await forger.get(forged.href))).toEqual(refused);
    const other = new Walker();
    const target = await other.signInAs('anna', url, issuer);
    expect(told(await new Walker().get(target))).toEqual(unknown);
    expect((await other.get(target)).status).toBe(200);
    expect(told(await other.get(target))).toEqual(unknown);
    // A new way with the code of the old one.
    const again = new Walker();
    const fresh = new URL(await again.signInAs('anna', url, issuer));
    fresh.searchParams.set('code', new URL(target).searchParams.get('code') ?? '');
    expect(told(await again.get(fresh.href))).toEqual(refused);
    const late = new Walker();
    const slow = await late.signInAs('anna', url, issuer);
    pass(600_000);
    expect(told(await late.get(slow))).toEqual(unknown);
  });

  it('goes nowhere when the provider says that it is another', async () => {
    const { url } = await start({ issuer: (real) => real.replace('127.0.0.1', 'localhost') });
    expect(told(await new Walker().get(`${url}/auth/oidc`)).slice(0, 2)).toEqual([502, 'unreachable']);
  });

  it('comes back from another issuer to nothing', async () => {
    const { url, issuer } = await start();
    const walker = new Walker();
    const target = new URL(await walker.signInAs('anna', url, issuer));
    target.searchParams.set('iss', 'https://attacker.example');
    expect(told(await walker.get(target.href)).slice(0, 2)).toEqual([403, 'forbidden']);
  });
});

it('in a browser the cookie is there on the page that it leads to', async () => {
  const { url } = await start();
  // Of the provider's own pages.
  browser.expectTrouble(/fonts\.googleapis\.com|favicon\.ico/);
  const page = await browser.open(`${url}/auth/oidc?to=/v1/session`);
  await page.locator('input[name=login]').fill('anna');
  await page.locator('input[name=password]').fill('x');
  await page.locator('[type=submit]').click();
  await page.locator('[type=submit]').click();
  await page.waitForURL(`${url}/v1/session`);
  expect(await page.locator('body').textContent()).toContain('anna@example.com');
});
