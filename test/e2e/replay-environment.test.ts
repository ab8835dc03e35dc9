/** What a service finds in its environment, and under which names it finds its peers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { makeProject, nodeService, replayIn } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const CALL = { path: '/', authority: 'stock.shop:8000', answer: { status: 200, body: '{"left":2}' } };
const TRIGGER = { answer: { status: 500, body: '{}' } };

it('variables of a file, without their secrets, under those of loop.yaml', async () => {
  const project = makeProject({
    ...nodeService(
      `const { A, B, STRIPE, DB, LOOP_CA, CA } = process.env; answer(500, { A, B, STRIPE, DB, same: CA === LOOP_CA });`,
    ),
    'loop.yaml': `version: 1\nservices:\n  orders:\n    command: [node, server.mjs]\n    port: 8080\n    ready: /healthz\n    env: { B: of loop.yaml, CA: "\${loop.ca}" }\n`,
  });
  writeFileSync(
    join(project.directory, '.env'),
    `# mine\nexport A="two\nlines"\nB=of the file\nSTRIPE=sk_live_abcdef123456\nDB=postgres://me:s3cret@db/shop\n`,
  );
  const { report, stdout, stderr } = await replayIn(project, { trigger: TRIGGER }, ['--env-file', '.env']);
  expect(stdout + stderr).not.toMatch(/s3cret|abcdef123456/);
  const seen = JSON.parse(report.replayed.body ?? '') as Record<string, string>;
  expect(seen).toMatchObject({ A: 'two\nlines', B: 'of loop.yaml', same: true });
  expect(seen['STRIPE']).toMatch(/^sk_live_(?!abcdef123456)[a-z]{6}\d{6}$/);
  expect(seen['DB']).toMatch(/^postgres:\/\/me:(?!s3cret)[a-z]\d[a-z]{4}@db\/shop$/);
  expect(report.environment.replaced).toEqual(expect.arrayContaining(['DB', 'STRIPE']));
});

it('a peer under another name, and on the loopback', async () => {
  const project = makeProject(
    nodeService(
      `const ask = async (at) => (await (await fetch(at)).json()).left; answer(500, [await ask('http://stock.local:8000/'), await ask('http://localhost:9000/')]);`,
    ),
  );
  const { report } = await replayIn(project, { trigger: TRIGGER, calls: [CALL, CALL] }, [
    '--map=stock.local=stock.shop',
    '--map=localhost:9000=stock.shop:8000',
  ]);
  expect(report.replayed.body).toBe('[2,2]');
  expect(report.calls.map(({ peer }) => peer)).toEqual(['stock.shop:8000', 'stock.shop:8000']);
});

it('a name that is not known says what it may stand for', async () => {
  const project = makeProject(nodeService(`answer((await fetch('http://stock.local:8000/')).status, {});`));
  const { report } = await replayIn(project, { trigger: TRIGGER, calls: [CALL] });
  expect(report.refused[0]?.hint).toBe('--map stock.local=stock.shop, if that is the recorded one under another name.');
});

it('a peer at an address of its own', async () => {
  const project = makeProject(nodeService(`answer(500, await (await fetch('http://10.11.12.13:8000/')).json());`));
  const { report } = await replayIn(project, { trigger: TRIGGER, calls: [CALL] }, ['--map', '10.11.12.13=stock.shop']);
  expect(report.replayed.body).toBe('{"left":2}');
  expect(report.refused).toEqual([]);
});

it('nobody at the service’s own loopback: which recorded one that may be', async () => {
  const project = makeProject(
    nodeService(
      `const ask = async (at) => (await fetch(at).catch((error) => error.cause)).code; answer(500, [await ask('http://localhost:8000/'), await ask('http://localhost:8001/')]);`,
    ),
  );
  const { report } = await replayIn(project, { trigger: TRIGGER, calls: [CALL] });
  expect(report.replayed.body).toBe('["ECONNREFUSED","ECONNREFUSED"]');
  expect(report.refused).toEqual([
    {
      kind: 'tcp',
      target: 'localhost:8000',
      reason: "this is the service's own loopback, and nothing listens there",
      hint: '--map localhost:8000=stock.shop:8000, if that is the recorded one under another name.',
    },
  ]);
});

it('a server of the service’s own at a recorded port is its own affair', async () => {
  const project = makeProject(
    nodeService(
      `createServer((_, reply) => reply.end('mine')).listen(8000); answer(500, await (await fetch('http://localhost:8000/')).text());`,
    ),
  );
  const { report } = await replayIn(project, { trigger: TRIGGER, calls: [CALL] });
  expect(report.replayed.body).toBe('"mine"');
  expect(report.refused).toEqual([]);
});

it('variables as they were recorded, and none that says how the service runs', async () => {
  const project = makeProject(
    nodeService(
      `const { FEATURE_X, REGION, LD_PRELOAD, NODE_OPTIONS, OPENSSL_CONF } = process.env; answer(500, { FEATURE_X, REGION, LD_PRELOAD, NODE_OPTIONS, OPENSSL_CONF });`,
    ),
  );
  const environment = {
    FEATURE_X: 'für\nalle',
    REGION: 'eu\0LD_PRELOAD=/tmp/evil.so',
    LD_PRELOAD: '/tmp/evil.so',
    NODE_OPTIONS: '--require /tmp/evil.js',
    OPENSSL_CONF: '/tmp/evil.cnf',
  };
  const { report } = await replayIn(project, { trigger: { ...TRIGGER, environment } }, ['--clock', 'real']);
  expect(JSON.parse(report.replayed.body ?? '')).toEqual({ FEATURE_X: environment.FEATURE_X });
  expect(report.environment.recorded).toEqual(['FEATURE_X']);
});
