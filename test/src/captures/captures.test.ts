import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bearer, CaptureBench } from '../../support/captures.ts';
import { filesBelow, findLeaks } from '../../support/leaks.ts';
import { traceKey } from '../../support/recorder.ts';

const ada = bearer({ sub: 'ada-42' });
const bob = bearer({ sub: 'bob-43' });

describe('a capture of a user', () => {
  it('takes what comes, well or not, as one loop each', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    bench.bench.exchange('gateway', '/well', 200, { trace: 'a', headers: ada });
    bench.bench.clock.advance(1);
    bench.bench.exchange('gateway', '/not', 500, { trace: 'b', headers: ada });
    bench.bench.exchange('gateway', '/bob', 500, { trace: 'c', headers: bob });
    bench.bench.exchange('gateway', '/nobody', 200, { trace: 'd' });
    await bench.settle();
    const { capture, loops } = await bench.shown(id);
    expect(loops.map(({ path, purpose, outcome }) => [path, purpose, outcome])).toEqual([
      ['/well', 'capture', 'good'],
      ['/not', 'failure', 'failed'],
    ]);
    expect(capture).toMatchObject({ transactions: 2, failed: 1, notWhole: 0, leftOut: 0 });
    expect((await bench.store.list({ purpose: 'failure', limit: 9 })).loops.map(({ path }) => path).toSorted()).toEqual(
      ['/bob', '/not'],
    );
  });

  it('takes the whole tree, and what comes late of it', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    const gateway = bench.bench.call('gateway').request('/buy', { trace: 'a' });
    const out = bench.bench.call('gateway', { direction: 'outbound' }).request('/orders', { trace: 'a' });
    bench.bench.exchange('orders', '/orders', 200, { trace: 'a', headers: { 'x-user-id': 'ada-42' } });
    out.respond(200);
    bench.bench.clock.advance(11_000);
    await bench.settle();
    expect((await bench.shown(id)).loops).toMatchObject([{ path: '/buy', exchanges: 3 }]);
    bench.bench.call('gateway', { direction: 'outbound' }).request('/mails', { trace: 'a' }).respond(200);
    gateway.respond(200);
    await bench.settle();
    const { loops } = await bench.shown(id);
    expect(loops).toMatchObject([
      { path: '/buy', exchanges: 4, status: 200, services: ['gateway', 'orders'], holes: [] },
    ]);
  });

  it('looks back as far as the ring reaches, and says so', async () => {
    const bench = await CaptureBench.open();
    const began = bench.bench.clock.now();
    bench.bench.exchange('gateway', '/before', 200, { trace: 'a', headers: ada });
    bench.bench.clock.advance(1);
    bench.bench.exchange('gateway', '/failed', 503, { trace: 'b', headers: ada });
    bench.bench.exchange('gateway', '/other', 200, { trace: 'c', headers: bob });
    await bench.settle();
    const id = await bench.start({ user: 'ada-42' });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/before', '/failed']);
    expect((await bench.shown(id)).capture).toMatchObject({ reachedBackTo: began, transactions: 2, failed: 1 });
  });

  it('without a look back takes only what begins after it', async () => {
    const bench = await CaptureBench.open();
    bench.bench.exchange('gateway', '/before', 200, { trace: 'a', headers: ada });
    const open = bench.bench.call('gateway').request('/meanwhile', { trace: 'b', headers: ada });
    bench.bench.clock.advance(10);
    const id = await bench.start({ user: 'ada-42', lookBack: false });
    open.respond(200);
    bench.bench.clock.advance(10);
    bench.bench.exchange('gateway', '/after', 200, { trace: 'c', headers: ada });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/after']);
    expect((await bench.shown(id)).capture.reachedBackTo).toBeUndefined();
  });

  it('does not touch the keep budget, and takes what was beyond it', async () => {
    const bench = await CaptureBench.open({ loopsPerHour: 1 });
    for (const trace of ['a', 'b', 'c']) bench.bench.exchange('gateway', '/buy', 500, { trace, headers: ada });
    await bench.settle();
    expect((await bench.store.list({ purpose: 'failure', limit: 9 })).loops).toHaveLength(1);
    const id = await bench.start({ user: 'ada-42' });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/buy', '/buy', '/buy']);
    bench.bench.exchange('gateway', '/pay', 500, { trace: 'd', headers: ada });
    await bench.settle();
    bench.bench.exchange('gateway', '/pay', 500, { trace: 'e', headers: bob });
    await bench.settle();
    const paid = (await bench.store.list({ purpose: 'failure', limit: 9 })).loops.filter(({ path }) => path === '/pay');
    expect(paid).toHaveLength(2);
  });

  it('that failed late is a failure from then on, and stays one when the capture goes', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    const root = bench.bench.call('gateway').request('/buy', { trace: 'a', headers: ada });
    bench.bench.clock.advance(11_000);
    await bench.settle();
    expect((await bench.shown(id)).loops).toMatchObject([{ purpose: 'capture', exchanges: 1 }]);
    bench.bench.call('gateway', { direction: 'outbound' }).request('/mails', { trace: 'a' }).respond(500);
    root.respond(200);
    await bench.settle();
    const { loops } = await bench.shown(id);
    expect(loops).toHaveLength(1);
    expect(loops).toMatchObject([{ purpose: 'failure', outcome: 'swallowed', exchanges: 2 }]);
    expect(await bench.captures.delete(id)).toBe(0);
    expect((await bench.store.list({ purpose: 'failure', limit: 9 })).loops).toHaveLength(1);
  });

  it('shares a loop with another capture; each goes by itself', async () => {
    const bench = await CaptureBench.open();
    const one = await bench.start({ user: 'ada-42' });
    const two = await bench.start({ pairs: [{ kind: 'header', name: 'x-tenant', value: '7' }] });
    bench.bench.exchange('gateway', '/both', 200, { trace: 'a', headers: { ...ada, 'x-tenant': '7' } });
    bench.bench.clock.advance(1);
    bench.bench.exchange('gateway', '/tenant', 200, { trace: 'b', headers: { ...bob, 'x-tenant': '7' } });
    await bench.settle();
    expect([await bench.paths(one), await bench.paths(two)]).toEqual([['/both'], ['/both', '/tenant']]);
    expect(await bench.captures.delete(two)).toBe(1);
    expect(await bench.paths(one)).toEqual(['/both']);
    expect(await bench.captures.delete(one)).toBe(1);
    expect((await bench.store.list({ purpose: 'capture', limit: 9 })).loops).toEqual([]);
  });
});

it('one that ended is remembered for what began before, some hours long', async () => {
  const bench = await CaptureBench.open();
  const id = await bench.start({ user: 'ada-42' });
  await bench.captures.stop(id);
  bench.bench.clock.advance(5 * 3_600_000);
  expect(bench.captures.known(id)).toBeDefined();
  bench.bench.clock.advance(2 * 3_600_000);
  expect(bench.captures.known(id)).toBeUndefined();
  expect((await bench.captures.show(id)).capture.endedBy).toBe('stopped');
});

describe('sessions', () => {
  const sid = (value: string) => ({ cookie: `theme=dark; sid=${value}` });

  it('seen with the user are followed, also back to what came between', async () => {
    const bench = await CaptureBench.open();
    bench.bench.exchange('gateway', '/anonymous', 200, { trace: 'a', headers: sid('s1') });
    await bench.settle();
    bench.bench.exchange('gateway', '/me', 200, { trace: 'b', headers: { ...sid('s1'), ...ada } });
    await bench.settle();
    bench.bench.exchange('gateway', '/cart', 200, { trace: 'c', headers: sid('s1') });
    bench.bench.exchange('gateway', '/other', 200, { trace: 'd', headers: sid('s2') });
    await bench.settle();
    const id = await bench.start({ user: 'ada-42' });
    await bench.settle();
    bench.bench.exchange('gateway', '/pay', 200, { trace: 'e', headers: sid('s1') });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/me', '/cart', '/pay']);
  });

  it('are learnt from a hop inside, and from the cookie that an answer sets', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    const gateway = bench.bench.call('gateway').request('/login', { trace: 'a' });
    const out = bench.bench.call('gateway', { direction: 'outbound' }).request('/sessions', { trace: 'a' });
    bench.bench.exchange('accounts', '/sessions', 200, { trace: 'a', headers: ada });
    out.respond(200);
    gateway.respond(200, { headers: { 'set-cookie': 'sid=fresh; HttpOnly; Path=/' } });
    await bench.settle();
    bench.bench.exchange('gateway', '/next', 200, { trace: 'b', headers: sid('fresh') });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/login', '/next']);
  });

  it('end when another user is seen with them, also when that is found out late', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    bench.bench.exchange('gateway', '/ada', 200, { trace: 'a', headers: { ...sid('s1'), ...ada } });
    await bench.settle();
    const slow = bench.bench.call('gateway').request('/bob', { trace: 'b', headers: { ...sid('s1'), ...bob } });
    bench.bench.clock.advance(5);
    bench.bench.exchange('gateway', '/whose', 200, { trace: 'c', headers: sid('s1') });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/ada', '/whose']);
    slow.respond(200);
    await bench.settle();
    bench.bench.exchange('gateway', '/later', 200, { trace: 'd', headers: sid('s1') });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/ada']);
    expect((await bench.store.list({ purpose: 'capture', limit: 9 })).loops.map(({ path }) => path)).toEqual(['/ada']);
  });

  it('of a login before anybody asked are known, when the ring has it no more', async () => {
    const bench = await CaptureBench.open({ ringBytes: 64 * 1024 });
    bench.bench
      .call('gateway')
      .request('/login', { trace: 'a', headers: ada })
      .respond(200, { headers: { 'set-cookie': 'sid=s1' } });
    for (let number = 0; number < 300; number += 1)
      bench.bench.exchange('gateway', '/noise', 200, { trace: `f${number}`, headers: { 'x-pad': 'x'.repeat(200) } });
    await bench.settle();
    const id = await bench.start({ user: 'ada-42' });
    await bench.settle();
    bench.bench.exchange('gateway', '/cart', 200, { trace: 'b', headers: sid('s1') });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/cart']);
  });

  it('are not learnt from a token that was refused', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    bench.bench.exchange('gateway', '/forged', 401, { trace: 'a', headers: { ...sid('eve'), ...ada } });
    await bench.settle();
    bench.bench.exchange('gateway', '/eve', 200, { trace: 'b', headers: sid('eve') });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/forged']);
  });
});

describe('bystanders', () => {
  it('in one tree with the user keep it out: said, and counted', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    const batch = bench.bench.call('gateway').request('/batch', { trace: 'a' });
    for (const user of ['ada-42', 'bob-43'])
      bench.bench
        .call('gateway', { direction: 'outbound' })
        .request('/one', { trace: 'a', headers: { 'x-user-id': user } })
        .respond(200);
    batch.respond(200);
    await bench.settle();
    const { capture, loops } = await bench.shown(id);
    expect([loops, capture.leftOut]).toEqual([[], 1]);
  });

  it('in one trace with the user have trees of their own, which are left where they are', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    bench.bench.exchange('gateway', '/ada', 200, { trace: 'a', headers: ada });
    bench.bench.clock.advance(100);
    bench.bench.exchange('gateway', '/bob', 200, { trace: 'a', headers: bob });
    bench.bench.clock.advance(100);
    bench.bench.exchange('gateway', '/nobody', 200, { trace: 'a' });
    await bench.settle();
    const { loops } = await bench.shown(id);
    expect(loops).toMatchObject([{ path: '/ada', exchanges: 1 }]);
    expect(await bench.store.list({ purpose: 'capture', limit: 9 })).toMatchObject({ loops: [{ path: '/ada' }] });
  });

  it('in one trace with the user may fail by themselves, and are no part of the capture then', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    bench.bench.exchange('gateway', '/ada', 200, { trace: 'a', headers: ada });
    bench.bench.clock.advance(100);
    bench.bench.exchange('gateway', '/bob', 500, { trace: 'a', headers: bob });
    await bench.settle();
    expect((await bench.shown(id)).loops).toMatchObject([{ path: '/ada', exchanges: 1, purpose: 'capture' }]);
    const failures = (await bench.store.list({ purpose: 'failure', limit: 9 })).loops;
    expect(failures).toMatchObject([{ path: '/bob', exchanges: 1 }]);
  });

  it('that show up late make a loop leave the capture', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    const root = bench.bench.call('gateway').request('/batch', { trace: 'a', headers: ada });
    bench.bench.clock.advance(11_000);
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/batch']);
    bench.bench
      .call('gateway', { direction: 'outbound' })
      .request('/one', { trace: 'a', headers: { 'x-user-id': 'bob-43' } })
      .respond(200);
    root.respond(200);
    await bench.settle();
    expect(await bench.paths(id)).toEqual([]);
    expect((await bench.store.list({ purpose: 'capture', limit: 9 })).loops).toEqual([]);
  });

  it('are not services: their own tokens are nobody’s', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    const root = bench.bench.call('gateway').request('/buy', { trace: 'a', headers: ada });
    bench.bench
      .call('gateway', { direction: 'outbound' })
      .request('/orders', { trace: 'a', headers: bearer({ sub: 'gateway', azp: 'gateway' }) })
      .respond(200);
    root.respond(200);
    await bench.settle();
    expect((await bench.shown(id)).loops).toMatchObject([{ path: '/buy', exchanges: 2 }]);
  });
});

describe('what is looked for', () => {
  const pair = (kind: string, name: string, value: string) => ({ pairs: [{ kind, name, value }] });
  const requests = [
    ['/header', { headers: { 'x-tenant': '7' } }],
    ['/header-70', { headers: { 'x-tenant': '70' } }],
    ['/cookie', { headers: { cookie: 'a=b; cart=%37' } }],
    ['/query?user=a+b%2Fc', {}],
    ['/jwt', { headers: bearer({ org: { id: 7 } }) }],
    ['/metadata', { headers: { 'user-id': '9' } }],
  ] as const;

  it.each([
    [pair('header', 'X-Tenant', '7'), ['/header']],
    [pair('cookie', 'cart', '7'), ['/cookie']],
    [pair('query', 'user', 'a b/c'), ['/query?user=a+b%2Fc']],
    [pair('jwt', 'org.id', '7'), ['/jwt']],
    [pair('metadata', 'user-id', '9'), ['/metadata']],
    [{ pairs: [...pair('header', 'x-tenant', '7').pairs, ...pair('cookie', 'cart', '7').pairs] }, []],
  ])('%j', async (asked, expected) => {
    const bench = await CaptureBench.open();
    const id = await bench.start(asked);
    for (const [index, [path, options]] of requests.entries())
      bench.bench.exchange('gateway', path, 200, { trace: `a${index}`, ...options });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(expected);
  });

  it('in a JSON body: as it comes, and in what the ring holds; text or number, nowhere else', async () => {
    const bench = await CaptureBench.open();
    const post = (path: string, trace: string, body: string) =>
      bench.bench
        .call('gateway')
        .request(path, { trace, end: false, headers: { 'content-type': 'application/json' } })
        .requestBody(body.slice(0, 12))
        .requestBody(body.slice(12), true)
        .respond(200);
    post('/before', 'a', '{"customer":{"id":4217}}');
    post('/elsewhere', 'b', '{"order":{"id":4217}}');
    await bench.settle();
    const id = await bench.start(pair('json', '$.customer.id', '4217'));
    post('/text', 'c', '{"customer":{"id":"4217"}}');
    post('/longer', 'd', '{"customer":{"id":"42170"}}');
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/before', '/text']);
  });

  it('together with a user means both', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42', ...pair('header', 'x-tenant', '7') });
    bench.bench.exchange('gateway', '/seven', 200, {
      trace: 'a',
      headers: { ...ada, 'x-tenant': '7', cookie: 'sid=s7' },
    });
    bench.bench.exchange('gateway', '/eight', 200, {
      trace: 'b',
      headers: { ...ada, 'x-tenant': '8', cookie: 'sid=s8' },
    });
    await bench.settle();
    bench.bench.exchange('gateway', '/s7', 200, { trace: 'c', headers: { 'x-tenant': '7', cookie: 'sid=s7' } });
    bench.bench.exchange('gateway', '/s8', 200, { trace: 'd', headers: { 'x-tenant': '7', cookie: 'sid=s8' } });
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/seven', '/s7']);
  });
});

describe('limits', () => {
  it('of transactions and bytes end it, and say so in place', async () => {
    const bench = await CaptureBench.open();
    const few = await bench.start({ user: 'ada-42', maxTransactions: 2 });
    const small = await bench.start({ user: 'ada-42', maxBytes: 1000 });
    for (const trace of ['a', 'b', 'c', 'd'])
      bench.bench.exchange('gateway', `/${trace}`, 200, { trace, headers: ada });
    await bench.settle();
    expect((await bench.shown(few)).capture).toMatchObject({ endedBy: 'count', transactions: 2 });
    const { capture } = await bench.shown(small);
    expect(capture).toMatchObject({ endedBy: 'bytes' });
    expect(capture.bytes).toBeLessThanOrEqual(1000);
    expect(capture.notes.map(({ what }) => what)).toEqual(['1000 bytes are full: no more is taken']);
  });

  it('of time: what begins later is not taken, what began before is', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42', forMs: 10_000 });
    const open = bench.bench.call('gateway').request('/began', { trace: 'a', headers: ada });
    bench.bench.clock.advance(10_001);
    bench.bench.exchange('gateway', '/late', 200, { trace: 'b', headers: ada });
    open.respond(200);
    await bench.settle();
    expect(await bench.paths(id)).toEqual(['/began']);
    expect((await bench.shown(id)).capture).toMatchObject({ endedBy: 'time' });
  });

  it.each([
    [{ reason: ' ' }, 'invalid', /needs a reason/, /--reason/],
    [{ user: undefined }, 'invalid', /somebody to look for/, /--user/],
    [{ forMs: 25 * 3_600_000 }, 'limit', /at most 24 hours/, /--for/],
    [{ maxBytes: 2 ** 40 }, 'limit', /at most 67108864 bytes/, /--max-bytes/],
    [{ maxTransactions: 20_001 }, 'limit', /at most 2000 transactions/, /--max-transactions/],
    [{ pairs: [{ kind: 'json', name: 'customer', value: '1' }] }, 'invalid', /names no place/, /--help/],
  ])('are said when they are asked beyond: %j', async (asked, code, message, hint) => {
    const bench = await CaptureBench.open();
    const refused = await bench.start({ user: 'ada-42', ...asked }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
    expect(await bench.captures.list()).toEqual([]);
  });

  it('of captures at a time hold for each person, and in all', async () => {
    const bench = await CaptureBench.open({ limits: { perPerson: 2, inAll: 3 } });
    await bench.start({ user: '1' });
    const second = await bench.start({ user: '2' });
    await expect(bench.start({ user: '3' })).rejects.toThrow('jo may run 2 captures at a time.');
    await bench.start({ user: '3', who: 'kim' });
    await expect(bench.start({ user: '4', who: 'lee' })).rejects.toThrow('3 captures run, which is as many as may.');
    await bench.captures.stop(second);
    await bench.start({ user: '5', who: 'lee' });
  });

  it('of bytes of one user in a day hold for all captures together', async () => {
    const bench = await CaptureBench.open({ limits: { bytesPerUserAndDay: 2000 } });
    const id = await bench.start({ user: 'ada-42' });
    for (const trace of ['a', 'b', 'c', 'd', 'e', 'f', '1', '2'])
      bench.bench.exchange('gateway', `/${trace}`, 200, { trace, headers: ada });
    await bench.settle();
    const { capture } = await bench.shown(id);
    expect(capture.endedBy).toBe('bytes');
    expect(capture.notes[0]?.what).toMatch(/^captures of this user have taken \d+ bytes today/);
    await bench.captures.delete(id);
    const again = await bench.start({ user: 'ada-42' });
    await bench.settle();
    expect((await bench.shown(again)).capture.bytes).toBeLessThan(1000);
  });
});

describe('a restart', () => {
  it('in the middle: it goes on, with its sessions, and says what is missing', async () => {
    const first = await CaptureBench.open();
    const id = await first.start({ user: 'ada-42', forMs: 600_000 });
    first.bench.exchange('gateway', '/me', 200, { trace: 'a', headers: { ...ada, cookie: 'sid=s1' } });
    await first.settle();
    await first.close();
    const second = await CaptureBench.open({ directory: first.directory });
    second.bench.exchange('gateway', '/cart', 200, { trace: 'b', headers: { cookie: 'sid=s1' } });
    await second.settle();
    expect(await second.paths(id)).toEqual(expect.arrayContaining(['/me', '/cart']));
    const { capture } = await second.shown(id);
    expect(capture.notes.map(({ what }) => what)).toEqual([
      expect.stringMatching(/^loopd was away until .+: nothing was recorded$/),
    ]);
    expect(capture.endedBy).toBeUndefined();
  });
});

describe('whom it is of', () => {
  it.each(['sealed', 'none'] as const)('is not readable on the disk, with originals: %s', async (originals) => {
    const bench = await CaptureBench.open({ originals });
    const id = await bench.start({
      user: 'ada-42',
      reason: 'ada-42 cannot pay',
      pairs: [{ kind: 'query', name: 'mail', value: 'ada@example.net' }],
    });
    bench.bench
      .call('gateway')
      .request('/users/ada-42?mail=ada%40example.net', {
        trace: 'a',
        headers: { ...ada, 'x-user-id': 'ada-42' },
        end: false,
      })
      .requestBody('{"user":"ada-42"}', true)
      .respond(200);
    await bench.settle();
    expect(await bench.paths(id)).toEqual([expect.stringMatching(/^\/users\/REDACTED\(captured\)\?mail=/)]);
    expect((await bench.shown(id)).capture).toMatchObject({ reason: 'ada-42 cannot pay', who: 'jo' });
    expect(findLeaks(filesBelow(bench.directory), ['ada-42', 'ada@example.net'])).toEqual([]);
    expect(bench.audited.join('\n')).toBe(
      `capture-start ${id} jo … cannot pay\ncapture-show ${id}\ncapture-show ${id}`,
    );
    expect(bench.complaints).toEqual([]);
    expect(readFileSync(`${bench.directory}/data/key`).length).toBeGreaterThan(0);
  });
});

describe('acts', () => {
  it('on a capture that is not there, or is over, are refused in a sentence', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    await bench.captures.stop(id);
    await expect(bench.captures.stop(id)).rejects.toMatchObject({
      code: 'over',
      hint: `See what it has: loopctl show ${id}`,
    });
    await expect(bench.captures.resolve('cap-zzz')).rejects.toMatchObject({ code: 'not-found' });
    expect(await bench.captures.resolve(id.slice(0, 6))).toBe(id);
    await bench.captures.delete(id);
    await expect(bench.captures.show(id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('a keep from elsewhere of a captured transaction makes it a loop of its own right', async () => {
    const bench = await CaptureBench.open();
    const id = await bench.start({ user: 'ada-42' });
    bench.bench.exchange('gateway', '/buy', 200, { trace: 'a', headers: ada });
    await bench.settle();
    bench.bench.recorder.keep(traceKey('a'));
    await bench.settle();
    expect(await bench.captures.delete(id)).toBe(0);
    expect((await bench.store.list({ purpose: 'failure', limit: 9 })).loops).toMatchObject([{ path: '/buy' }]);
  });
});
