/** Replays where there are no namespaces: a Node service that is kept inside by a preload. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { makeProject, nodeService, replayIn, replayText } from '../support/project.ts';

const PRELOAD = ['--isolation', 'node-preload'];
const json = (value: unknown) => JSON.stringify(value);

it('a call over TLS is answered from the recording; one that was not recorded is refused, and told', async () => {
  const outside = createServer((socket) => socket.end('outside'));
  outside.listen(0, '127.0.0.1');
  await once(outside, 'listening');
  onTestFinished(() => void outside.close());
  const { port } = outside.address() as AddressInfo;
  const project = makeProject(
    nodeService(`
      const price = await (await fetch('https://prices.test/v1/prices/7')).json();
      const refused = await fetch('http://127.0.0.1:${port}/').catch((error) => error.cause.code);
      const unknown = await fetch('http://elsewhere.test/').catch((error) => error.cause.code);
      answer(500, { price, refused, unknown });`),
  );
  const answered = { price: { cents: 5 }, refused: 'ECONNREFUSED', unknown: 'ENOTFOUND' };
  const { code, report } = await replayIn(
    project,
    {
      trigger: { answer: { status: 500, body: json(answered) } },
      calls: [
        { path: '/v1/prices/7', authority: 'prices.test:443', answer: { status: 200, body: json({ cents: 5 }) } },
      ],
    },
    PRELOAD,
  );
  expect(report.calls).toMatchObject([{ grade: 'exact', summary: 'GET /v1/prices/7', peer: 'prices.test:443' }]);
  expect(report.refused).toMatchObject([{ kind: 'dns', target: 'elsewhere.test' }]);
  expect(report.isolation.backend).toBe('node-preload');
  expect(report.isolation.limits.length).toBeGreaterThan(0);
  expect([report.outcome, code]).toEqual(['reproduced', 0]);
});

it('a breakpoint is hit in it', async () => {
  const project = makeProject(nodeService(`const total = 42;\nanswer(500, { total });`));
  const { report } = await replayIn(project, { trigger: { answer: { status: 500, body: json({ total: 42 }) } } }, [
    ...PRELOAD,
    '--break',
    'server.mjs:11',
  ]);
  expect(report.debugger.breakpoints).toMatchObject([
    { locals: expect.arrayContaining([{ name: 'total', value: '42' }]) },
  ]);
  expect(report.outcome).toBe('reproduced');
});

it('what is not Node is refused, with what to do', async () => {
  const project = makeProject({});
  const recording = { trigger: { answer: { status: 500, body: '{}' } } };
  const { code, stderr } = await replayText(project, recording, [...PRELOAD, '--', 'python3', 'server.py']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/python3 is not Node, and without namespaces only Node can be isolated\.\nTry: .*container/);
});
