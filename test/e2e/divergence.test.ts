/** What was different? Recordings made by hand, real services in the real sandbox, through loopctl as a person calls it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { makeProject, nodeService, replayIn, replayText } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const json = (value: unknown) => JSON.stringify(value);
const ID = '7f1c3c1e-5f2b-4e0e-9c55-0b6a3a1d2e4f';
const POST = `{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify`;

const ORDER = {
  trigger: {
    method: 'POST',
    path: '/orders',
    body: json({ sku: 'tea' }),
    answer: { status: 500, body: json({ order: ID, state: 'lost', cents: 1250 }) },
  },
  calls: [
    { path: '/prices/tea', authority: 'prices.test', answer: { status: 200, body: json({ cents: 1250 }) }, at: 10 },
    {
      method: 'POST',
      path: '/orders',
      authority: 'store.test',
      body: json({ id: ID, cents: 1250 }),
      answer: { status: 201, headers: { 'content-type': 'application/json', location: `/orders/${ID}` }, body: '{}' },
      at: 20,
    },
    {
      path: `/orders/${ID}`,
      authority: 'stock.test',
      answer: { status: 200, body: json({ of: `order:${ID}`, state: 'lost' }) },
      at: 30,
    },
  ],
};

const service = (cents: string) =>
  nodeService(
    `const price = await (await fetch('http://prices.test/prices/' + JSON.parse(text).sku)).json();
     const cents = ${cents};
     const id = randomUUID();
     const made = await fetch('http://store.test/orders', ${POST}({ id, cents }) });
     const stock = await (await fetch('http://stock.test' + made.headers.get('location'))).json();
     if (stock.of !== 'order:' + id) throw new Error('of another');
     answer(500, { order: id, state: stock.state, cents });`,
    `import { randomUUID } from 'node:crypto';`,
  );

describe('a service that makes an id', () => {
  it('is reproduced: the new id stands where the recorded one stood, in its calls, their answers and its own', async () => {
    const { code, report } = await replayIn(makeProject(service('price.cents')), ORDER);
    expect(report.calls.map(({ grade, summary }) => [grade, summary.split('/')[1]])).toEqual([
      ['exact', 'prices'],
      ['normalised', 'orders'],
      ['normalised', 'orders'],
    ]);
    expect([report.outcome, report.diff, report.divergence, code]).toEqual(['reproduced', [], undefined, 0]);
  });

  it('and is changed in one line: the call that shows it is named, and where its value came from', async () => {
    const text = await replayText(makeProject(service('price.cents + 1')), ORDER);
    expect(text.stdout).toContain(
      [
        '  first difference: POST /orders at store.test:80 was asked with other values',
        '    body.cents: recorded 1250, now 1251',
        '    because every earlier call was asked and answered as recorded: the code itself takes another way here. ' +
          'The recorded value came from body.cents of the answer to GET /prices/tea at prices.test:80, which was given again',
      ].join('\n'),
    );
    expect(text.code).toBe(5);
  });
});

it('answers race as they did, with --order recorded', async () => {
  const project = makeProject(
    nodeService(
      `const won = [];
       await Promise.all(['slow', 'fast'].map(async (name) => { await (await fetch('http://' + name + '.test/')).text(); won.push(name); }));
       answer(500, won);`,
    ),
  );
  const recording = {
    trigger: { answer: { status: 500, body: json(['fast', 'slow']) } },
    calls: [
      { authority: 'slow.test', answer: { status: 200, body: 'x' }, at: 300 },
      { authority: 'fast.test', answer: { status: 200, body: 'x' }, at: 100 },
    ],
  };
  const { report } = await replayIn(project, recording, ['--order', 'recorded']);
  expect([report.outcome, report.replayed.body]).toEqual(['reproduced', json(['fast', 'slow'])]);
});

it('what differs between two equal runs is noise, with --twin', async () => {
  const project = makeProject(
    nodeService(
      `const lot = Math.floor(Math.random() * 1e6);
       await fetch('http://draw.test/', ${POST}({ lot }) });
       answer(500, { lot });`,
    ),
  );
  const recording = {
    trigger: { answer: { status: 500, body: json({ lot: -1 }) } },
    calls: [{ method: 'POST', authority: 'draw.test', body: json({ lot: -1 }) }],
  };
  const { code, report } = await replayIn(project, recording, ['--twin']);
  expect(report.calls).toMatchObject([
    { grade: 'normalised', explanation: ['body.lot: differs between two equal runs'] },
  ]);
  expect([report.outcome, report.divergence, code]).toEqual(['reproduced', undefined, 0]);
});
