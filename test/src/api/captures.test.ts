import { describe, expect, it } from 'vitest';
import type { CaptureId } from '../../../src/domain/capture.ts';
import type { Principal, Role } from '../../../src/domain/access.ts';
import type { LoopApi } from '../../../src/api/port.ts';
import { ApiError } from '../../../src/api/error.ts';
import { createHandlers } from '../../../src/api/handlers.ts';
import { ADMIN, installation, served, TOKEN } from '../../support/api.ts';
import { bearer, CaptureBench } from '../../support/captures.ts';

async function api(
  who: Principal = ADMIN,
): Promise<{ readonly bench: CaptureBench; readonly client: LoopApi; readonly url: string }> {
  const bench = await CaptureBench.open();
  const { key } = await installation();
  const audit = { record: async () => undefined };
  const handlers = createHandlers({ store: bench.store, key, audit, captures: bench.captures, createdBy: 'loop test' })(
    who,
  );
  return { bench, ...(await served(handlers, who === ADMIN ? {} : { who: async () => who })) };
}

describe('captures over HTTP', () => {
  it('are started, listed, shown, stopped and deleted', async () => {
    const { bench, client } = await api();
    const { captures } = client;
    const started = await captures.start({ user: 'ada', reason: 'ticket 811', who: 'jo', forMs: 1000 });
    expect(started).toMatchObject({
      select: { user: 'ada', pairs: [] },
      reason: 'ticket 811',
      who: 'jo',
      transactions: 0,
    });
    bench.bench.exchange('gateway', '/me', 200, { trace: 'a', headers: bearer({ sub: 'ada' }) });
    await bench.settle();
    expect(await captures.list()).toMatchObject([{ id: started.id, transactions: 1 }]);
    const { id } = started;
    expect(await captures.resolve(id.slice(0, 7))).toBe(id);
    expect(await captures.show(id)).toMatchObject({ capture: { id }, loops: [{ path: '/me', purpose: 'capture' }] });
    const other = await captures.start({ user: 'bob', reason: 'r', lookBack: false });
    expect(await captures.stop(other.id)).toMatchObject({ endedBy: 'stopped' });
    expect(await captures.delete(id)).toBe(1);
    expect((await captures.list()).map((one) => one.id)).toEqual([other.id]);
  });

  it.each([
    [{ user: 'ada', reason: '' }, 'invalid', 'A capture needs a reason.'],
    [{ user: 'ada', reason: 'r', forMs: 1e9 }, 'refused', 'A capture runs at most 24 hours.'],
    [{ user: 'ada', reason: 'r', colour: 'red' }, 'invalid', 'Unrecognized key: "colour".'],
    [
      { reason: 'r', pairs: [{ kind: 'body', name: 'x', value: '1' }] },
      'invalid',
      'pairs.0: "body x" names no place in a request.',
    ],
  ])('are refused in a sentence: %j', async (asked, code, message) => {
    const { client } = await api();
    await expect(client.captures.start(asked)).rejects.toMatchObject({
      code,
      message,
      hint: expect.any(String) as string,
    });
  });

  it('that are not there are not found; ids that are none are said to be', async () => {
    const { client, url } = await api();
    await expect(client.captures.show('cap-zzzzzzzz' as CaptureId)).rejects.toMatchObject({ code: 'not-found' });
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await fetch(new URL('/v1/captures/x', url), { headers })).status).toBe(400);
    expect((await fetch(new URL('/v1/captures', url))).status).toBe(401);
  });

  it.each<[Role, Role, readonly string[]]>([
    ['support', 'admin', ['list', 'start', 'stop']],
    ['debugger', 'support', ['list']],
    ['viewer', 'admin', []],
    ['admin', 'viewer', ['list', 'start', 'stop', 'delete']],
  ])('to %s everywhere and %s in payments: %j', async (everywhere, within, allowed) => {
    const payments = { name: 'payments', services: ['payments'] };
    const grants = [{ role: everywhere }, { role: within, tenants: [payments] }];
    const { bench, client } = await api({ name: 'anna', by: 'token', grants });
    const { id } = await bench.captures.start({ user: 'ada', reason: 'r', lookBack: false });
    const asked = {
      list: () => client.captures.list(),
      start: () => client.captures.start({ user: 'bob', reason: 'r', lookBack: false }),
      stop: () => client.captures.stop(id),
      delete: () => client.captures.delete(id),
    };
    const answers: string[] = [];
    for (const [what, ask] of Object.entries(asked))
      answers.push(
        await ask().then(
          () => `${what} allowed`,
          (error: unknown) => `${what} ${error instanceof ApiError ? error.code : String(error)}`,
        ),
      );
    expect(answers).toEqual(
      Object.keys(asked).map((what) => `${what} ${allowed.includes(what) ? 'allowed' : 'forbidden'}`),
    );
  });

  it('where nobody looks after them, it is said', async () => {
    const { client } = await served((await installation()).handlers);
    await expect(client.captures.list()).rejects.toMatchObject({
      code: 'refused',
      hint: 'Ask the loopd that records.',
    });
  });
});
