import { expect, it } from 'vitest';
import { loopView, exchangeView, messageView } from '../../support/loop-view.ts';
import { installation, served, type TestInstallation } from '../../support/api.ts';
import { sealedLoop } from '../../support/sealed-loop.ts';
import { loopId, loopSummary, T0 } from '../../support/transaction.ts';
import type { LoopSummary } from '../../../src/domain/loop.ts';

async function save(
  { store }: TestInstallation,
  number: number,
  price: number,
  more: Partial<LoopSummary> = {},
  companions: readonly number[] = [],
): Promise<void> {
  const view = loopView([
    exchangeView(`e${number}`, {
      vantage: { service: 'gateway', instance: 'g', direction: 'inbound' },
      method: 'POST',
      path: '/checkout',
      response: messageView(JSON.stringify({ price })),
    }),
  ]);
  await store.save(
    sealedLoop(number, {
      summary: loopSummary(number, { path: '/checkout', ...more }),
      view: JSON.stringify(view),
      companions: companions.map(loopId),
    }),
  );
}

const good = { purpose: 'exemplar', outcome: 'good', status: 200 } as const;

it('compares two loops, and a loop with the newest good transaction of its route that was kept with it', async () => {
  const place = await installation();
  await save(place, 1, 10, good);
  await save(place, 2, 20, { ...good, startedAt: T0 + 20 });
  await save(place, 3, 30, { ...good, path: '/carts' });
  await save(place, 4, 40, { ...good, startedAt: T0 + 40 });
  await save(place, 5, 50, { ...good, outcome: 'swallowed', startedAt: T0 + 50 });
  await save(place, 9, -1, {}, [1, 2, 3, 5]);
  const { client } = await served(place.handlers);
  const compared = await client.compare(loopId(9), 'exemplar');
  expect([compared.left.id, compared.right.id]).toEqual([loopId(9), loopId(2)]);
  expect(compared.pairs[0]?.differences).toEqual([
    { path: 'response.body.$.price', left: '-1', right: '20', kind: 'value' },
  ]);
  expect((await client.compare(loopId(9), loopId(4))).right.id).toBe(loopId(4));
  expect((await client.exemplars(loopId(9))).map(({ id }) => id)).toEqual([4, 2, 1].map(loopId));
});

it('takes the newest of the route where none was kept with the loop, and says so where there is none at all', async () => {
  const place = await installation();
  await save(place, 9, -1);
  await expect(place.handlers.compare(loopId(9), 'exemplar')).rejects.toMatchObject({
    code: 'not-found',
    message: 'No good transaction of "POST /checkout" at gateway is stored.',
  });
  await save(place, 1, 10, good);
  expect((await place.handlers.compare(loopId(9), 'exemplar')).right.id).toBe(loopId(1));
});

it('gives the redacted view as an archive', async () => {
  const place = await installation();
  await save(place, 9, -1);
  const { client } = await served(place.handlers);
  expect(await client.har(loopId(9))).toMatchObject({
    log: { version: '1.2', creator: { version: 'test' }, entries: [{ request: { method: 'POST' } }] },
  });
});

it('says what it cannot read', async () => {
  const place = await installation();
  await place.store.save(sealedLoop(1, { view: '{"version":99}' }));
  await expect(place.handlers.compare(loopId(1), loopId(1))).rejects.toMatchObject({ code: 'corrupt' });
  await expect(place.handlers.compare(loopId(7), loopId(1))).rejects.toMatchObject({ code: 'not-found' });
});

it('filters lists by what is asked over HTTP, and refuses what is no status', async () => {
  const place = await installation();
  await save(place, 1, 1, { status: 500, versions: ['pricing@1.2.0'] });
  await save(place, 2, 1, { status: 404 });
  const { client, url } = await served(place.handlers);
  const query = { purpose: 'failure', limit: 5 } as const;
  const more = {
    status: '5xx',
    route: 'POST /checkout',
    version: 'pricing@1.2.0',
    text: 'chec',
    outcome: 'failed',
  } as const;
  expect((await client.list({ ...query, ...more, until: T0 + 5 })).loops.map(({ id }) => id)).toEqual([loopId(1)]);
  expect((await client.list({ ...query, text: 'nowhere' })).loops).toEqual([]);
  expect(
    (await fetch(`${url}/v1/loops?status=6`, { headers: { authorization: 'Bearer a token of the tests' } })).status,
  ).toBe(400);
});
