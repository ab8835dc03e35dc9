/** The support button's questions over HTTP, with captures that really record. */
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { captureHandlers } from '../../../../src/api/captures.ts';
import type { ButtonAnswer } from '../../../../src/api/contract/results.ts';
import type { LoopApi } from '../../../../src/api/port.ts';
import { serveButton } from '../../../../src/api/server/button.ts';
import type { CaptureId } from '../../../../src/domain/capture.ts';
import type { Principal } from '../../../../src/domain/access.ts';
import { buttonKey, storeKey } from '../../../../src/seal/keys.ts';
import { ADMIN, installation, served, TOKEN } from '../../../support/api.ts';
import { CaptureBench } from '../../../support/captures.ts';

const SECRET = Buffer.alloc(32, 7);
const PAGE = 'https://helpdesk.example';
const OTHER_PAGE = 'https://chat.example';
const TOOLS = [
  { name: 'helpdesk', secrets: [SECRET], origins: [PAGE] },
  { name: 'chat', secrets: [Buffer.alloc(32, 8)], origins: [OTHER_PAGE] },
];

interface Asked {
  readonly by?: string;
  readonly method?: string;
  readonly path?: string;
  readonly origin?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

async function button() {
  const bench = await CaptureBench.open();
  const { clock } = bench.bench;
  const principals: Principal[] = [];
  const { handlers } = await installation();
  const api: LoopApi = { ...handlers, captures: captureHandlers(bench.captures, ADMIN) };
  const { url } = await served(api, {
    button: serveButton({
      tools: TOOLS,
      key: buttonKey(storeKey(Buffer.alloc(32, 1))),
      clock,
      apiFor: (principal) => (principals.push(principal), api),
      peek: (id) => bench.captures.peek(id),
      link: (id) => `https://loop.example/captures/${id}`,
    }),
  });
  const ask = ({ by, method = 'GET', path = '', origin = PAGE, headers = {}, body }: Asked): Promise<Response> =>
    fetch(`${url}/v1/support/capture${path}`, {
      method,
      headers: {
        ...(origin !== '' && { origin }),
        ...(by !== undefined && { authorization: `Bearer ${by}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const reference = (more: object = {}, secret: Uint8Array = SECRET): Promise<string> => {
    const iat = Math.floor(clock.now() / 1000);
    const claims = { iss: 'helpdesk', aud: 'loopd', sub: '42', agent: 'anna', reason: 'ticket 811', jti: 'one' };
    return new SignJWT({ ...claims, iat, exp: iat + 300, ...more }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  };
  const press = async (by: string, body?: object): Promise<ButtonAnswer> =>
    (await (await ask({ by, method: 'POST', ...(body && { body }) })).json()) as ButtonAnswer;
  return { bench, clock, url, ask, reference, press, principals };
}

describe('the button, pressed', () => {
  it('begins a capture of the user, under the name of who pressed it, and tells counts and a link', async () => {
    const { bench, reference, press, principals } = await button();
    const answer = await press(await reference({ minutes: 20 }));
    expect(answer).toMatchObject({ state: 'running', transactions: 0, failed: 0, notes: [] });
    expect(answer.link).toBe(`https://loop.example/captures/${answer.capture}`);
    expect(answer.until - answer.startedAt).toBe(20 * 60_000);
    expect(JSON.stringify(answer)).not.toContain('811');
    const [capture] = await bench.captures.list();
    expect(capture).toMatchObject({ select: { user: '42' }, who: 'anna (helpdesk)', reason: 'ticket 811' });
    expect(bench.audited).toEqual([`capture-start ${answer.capture} anna (helpdesk) ticket 811`]);
    expect(principals).toEqual([
      {
        id: 'reference:anna (helpdesk)',
        name: 'anna (helpdesk)',
        by: 'support-reference',
        grants: [{ role: 'support' }],
      },
    ]);
  });

  it('begins one capture, however often and at whatever time it is pressed', async () => {
    const { bench, reference, press } = await button();
    const by = await reference();
    const answers = await Promise.all([press(by), press(by), press(by)]);
    answers.push(await press(by));
    expect(new Set(answers.map(({ capture }) => capture)).size).toBe(1);
    expect(await bench.captures.list()).toHaveLength(1);
    expect((await press(await reference({ jti: 'two' }))).capture).not.toBe(answers[0]?.capture);
  });

  it('begins none again once that was deleted; another reference does', async () => {
    const { bench, ask, reference, press } = await button();
    const by = await reference();
    const { capture } = await press(by);
    await bench.captures.delete(capture as CaptureId);
    const again = await ask({ by, method: 'POST' });
    expect([again.status, await again.json()]).toMatchObject([404, { title: 'This capture was deleted.' }]);
    expect(await bench.captures.list()).toEqual([]);
    expect((await ask({ by: await reference({ jti: 'two' }), method: 'POST' })).status).toBe(201);
  });

  it('runs for as long as is asked, and no longer than the reference says', async () => {
    const { reference, press } = await button();
    const shorter = await press(await reference({ minutes: 5 }), { forMs: 60_000 });
    const longer = await press(await reference({ jti: 'two', minutes: 5 }), { forMs: 3_600_000 });
    expect([shorter, longer].map(({ startedAt, until }) => until - startedAt)).toEqual([60_000, 300_000]);
  });

  it('is looked at and ended by the handle, which the reference does not open, nor the other way round', async () => {
    const { ask, reference, press, bench } = await button();
    const by = await reference();
    const { handle = '', capture } = await press(by);
    expect(await (await ask({ by: handle })).json()).toMatchObject({ capture, state: 'running' });
    expect((await ask({ by })).status).toBe(403);
    expect((await ask({ by: handle, method: 'POST' })).status).toBe(403);
    const ended = await ask({ by: handle, method: 'POST', path: '/stop' });
    expect([ended.status, await ended.json()]).toEqual([
      200,
      expect.objectContaining({ state: 'over', endedBy: 'stopped' }),
    ]);
    const again = await ask({ by: handle, method: 'POST', path: '/stop' });
    expect([again.status, await again.json()]).toMatchObject([200, { state: 'over', endedBy: 'stopped' }]);
    expect(bench.audited.map((line) => line.split(' ')[0])).toEqual(['capture-start', 'capture-stop']);
  });

  it('reference and handle end: the one by its claim, the other a while after the capture', async () => {
    const { ask, reference, press, clock } = await button();
    const by = await reference({ minutes: 10 });
    const { handle = '' } = await press(by);
    clock.advance(6 * 60_000);
    expect((await ask({ by, method: 'POST' })).status).toBe(410);
    clock.advance(10 * 60_000);
    expect(await (await ask({ by: handle })).json()).toMatchObject({ state: 'over', endedBy: 'time' });
    clock.advance(10 * 60_000);
    expect((await ask({ by: handle })).status).toBe(410);
  });

  it('says which limit refused it', async () => {
    const { ask, reference, press } = await button();
    for (const jti of ['1', '2', '3', '4', '5']) await press(await reference({ jti }));
    const refused = await ask({ by: await reference({ jti: '6' }), method: 'POST' });
    expect([refused.status, await refused.json()]).toMatchObject([
      422,
      { title: 'anna (helpdesk) may run 5 captures at a time.' },
    ]);
  });
});

describe('who may ask', () => {
  it.each([
    ['nobody', undefined],
    ['the token of the API', TOKEN],
    ['text', 'abc'],
  ])('%s is nobody here', async (_who, by) => {
    const { ask } = await button();
    expect((await ask({ ...(by !== undefined && { by }), method: 'POST' })).status).toBe(401);
  });

  it('a reference under another secret, of another tool, or without a claim', async () => {
    const { ask, reference } = await button();
    const status = async (by: string): Promise<number> => (await ask({ by, method: 'POST' })).status;
    expect(await status(await reference({}, Buffer.alloc(32, 9)))).toBe(401);
    expect(await status(await reference({ iss: 'chat' }))).toBe(401);
    expect(await status(await reference({ agent: undefined }))).toBe(400);
    expect(await status(await reference())).toBe(201);
  });

  it('references and handles open nothing else', async () => {
    const { url, reference, press } = await button();
    const by = await reference();
    const { handle = '' } = await press(by);
    for (const token of [by, handle])
      for (const path of ['/v1/loops', '/v1/captures', '/v1/captures/cap-00000000', '/v1/fingerprints', '/metrics'])
        expect((await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  it('whoever guesses is told to wait, and a right one is let in all the same', async () => {
    const { ask, reference } = await button();
    const statuses: number[] = [];
    for (let count = 0; count < 22; count += 1) statuses.push((await ask({ by: 'guess', method: 'POST' })).status);
    expect([statuses[0], statuses.at(-1)]).toEqual([401, 429]);
    expect((await ask({ by: await reference(), method: 'POST' })).status).toBe(201);
  });

  it('a handle that asks all the time is told to wait', async () => {
    const { ask, reference, press, clock } = await button();
    const { handle = '' } = await press(await reference());
    for (let count = 0; count < 120; count += 1) expect((await ask({ by: handle })).status).toBe(200);
    expect((await ask({ by: handle })).status).toBe(429);
    clock.advance(60_000);
    expect((await ask({ by: handle })).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  it('of a tool are told that they may ask, without cookies and without a wildcard', async () => {
    const { ask, reference } = await button();
    const preflight = await ask({
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-methods': 'GET, POST',
      vary: 'origin',
    });
    const pressed = await ask({ by: await reference(), method: 'POST' });
    expect(pressed.headers.get('access-control-allow-origin')).toBe(PAGE);
    for (const { headers } of [preflight, pressed]) expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('can read why they are refused', async () => {
    const { ask } = await button();
    expect((await ask({ by: 'x', method: 'POST' })).headers.get('access-control-allow-origin')).toBe(PAGE);
  });

  it.each(['https://evil.example', 'null', 'https://helpdesk.example.evil.example', 'http://helpdesk.example'])(
    '%s may not, and is told nothing',
    async (origin) => {
      const { ask, reference, bench } = await button();
      for (const method of ['OPTIONS', 'POST', 'GET']) {
        const response = await ask({ by: await reference(), method, origin });
        expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      }
      expect(await bench.captures.list()).toEqual([]);
    },
  );

  it('of another tool may not use this one’s reference', async () => {
    const { ask, reference, bench } = await button();
    expect((await ask({ by: await reference(), method: 'POST', origin: OTHER_PAGE })).status).toBe(403);
    expect(await bench.captures.list()).toEqual([]);
  });

  it('may ask nothing else, of whichever tool', async () => {
    const { url } = await button();
    for (const path of ['/v1/loops', '/v1/captures', '/v1/support/capture/other', '/v1/support/capture/stop/x']) {
      const headers = { origin: PAGE, authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${url}${path}`, { headers });
      expect([path, response.headers.get('access-control-allow-origin')]).toEqual([path, null]);
      expect(response.status).toBeGreaterThanOrEqual(400);
    }
  });

  it('what is no page needs no origin', async () => {
    const { ask, reference } = await button();
    expect((await ask({ by: await reference(), method: 'POST', origin: '' })).status).toBe(201);
  });
});
