import { describe, expect, it } from 'vitest';
import { Repeats } from '../../../../src/audit/repeats.ts';
import { serveAccess } from '../../../../src/api/server/access.ts';
import type { AuditedAct } from '../../../../src/domain/audit.ts';
import { installation, served, testAccess, TOKEN } from '../../../support/api.ts';
import { loopId } from '../../../support/transaction.ts';

const ADMIN = { name: 'admin', by: 'session', id: 'oidc:issuer anna', grants: [{ role: 'admin' }] } as const;

/** A server whose audit is a list, coalesced as the file is; `full`: nothing can be written down. */
async function start({ full = false } = {}) {
  let now = 1_000_000;
  const clock = { now: () => now };
  const repeats = new Repeats(clock);
  const told: string[] = [];
  const record = async (act: AuditedAct): Promise<void> => {
    if (full) throw new Error('No space is left.');
    if (repeats.isRepeat(act)) return;
    repeats.written(act);
    told.push([act.actor, act.act, ...Object.values(act.about)].join(' '));
  };
  const home = await installation();
  const access = await testAccess({ clock });
  const { url } = await served(home.handlers, {
    ...serveAccess({ access, version: '0', audit: { record } }),
    apiFor: home.apiFor,
  });
  const asked = { name: 'ci', roles: ['viewer'], forMs: 3_600_000 } as const;
  const { secret } = await access.tokens.create(ADMIN, asked, async () => undefined);
  const own = { origin: url, 'sec-fetch-site': 'same-origin' };
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(`${url}${path}`, { method, headers: { ...own, ...headers }, ...(body !== undefined && { body }) });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const signIn = (token: string) =>
    ask('POST', '/v1/session', { 'content-type': 'application/json' }, JSON.stringify({ token }));
  return { told, ask, bearer, signIn, secret, pass: (ms: number) => (now += ms) };
}

describe('the audit is told', () => {
  it('what somebody was refused, without ids, once a minute', async () => {
    const { told, ask, bearer, secret, pass } = await start();
    for (const number of [1, 2, 3])
      expect((await ask('DELETE', `/v1/loops/${loopId(number)}`, bearer(secret))).status).toBe(403);
    expect((await ask('GET', '/v1/audit', bearer(secret))).status).toBe(403);
    expect(told).toEqual(['ci (token) refused DELETE /v1/loops/:id', 'ci (token) refused GET /v1/audit']);
    pass(60_000);
    await ask('GET', '/v1/audit', bearer(secret));
    expect(told).toHaveLength(3);
  });

  it('that tokens were wrong, once a minute, and not which', async () => {
    const { told, ask, bearer, signIn, pass } = await start();
    for (let turn = 0; turn < 30; turn += 1)
      expect([401, 429]).toContain((await ask('GET', '/v1/loops', bearer(`guess-${turn}`))).status);
    expect([401, 429]).toContain((await signIn('guess-typed')).status);
    expect(told).toEqual(['nobody wrong-token IPv4']);
    pass(60_000);
    expect((await signIn('guess-typed')).status).toBe(401);
    expect(told).toHaveLength(2);
    expect(told.join()).not.toContain('guess');
  });

  it('who signs in and out; asking without a token, and with a right one, is nothing', async () => {
    const { told, ask, bearer, signIn, secret } = await start();
    expect((await ask('GET', '/v1/loops')).status).toBe(401);
    expect((await ask('GET', '/v1/loops', bearer(TOKEN))).status).toBe(200);
    expect(told).toEqual([]);
    const answer = await signIn(secret);
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const { csrf } = (await answer.json()) as { readonly csrf: string };
    expect((await ask('DELETE', '/v1/session', { cookie, 'x-loop-csrf': csrf })).status).toBe(204);
    expect(told).toEqual(['ci (token) sign-in token', 'ci (token) sign-out']);
  });
});

it('nobody is signed in whom the audit cannot tell of; what is refused stays refused', async () => {
  const { ask, bearer, signIn, secret } = await start({ full: true });
  const answer = await signIn(secret);
  expect(answer.status).toBe(500);
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect((await ask('GET', '/v1/loops', bearer('guess'))).status).toBe(401);
  expect((await ask('GET', '/v1/audit', bearer(secret))).status).toBe(403);
});
