/** Replays of recordings whose originals were not kept: the service is given tokens, and asks with tokens. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LoopFile } from '../../src/domain/loop-file.ts';
import { createDisguise } from '../../src/keeping/disguise/disguise.ts';
import { disguisePart } from '../../src/keeping/disguise/part.ts';
import { newDataKey, redactionKey } from '../../src/seal/keys.ts';
import { decodePart, encodePart } from '../../src/wire/segments/part.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { loopctl } from '../support/cli.ts';
import { connectionSegments } from '../support/postgres-segments.ts';
import { ran } from '../support/postgres-commands.ts';
import { handshake } from '../support/postgres-wire.ts';
import { makeProject, nodeService, SERVICE, type TestProject } from '../support/project.ts';
import { recordingOf, type RecordingOf } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { T0 } from '../support/transaction.ts';

beforeEach(skipWithoutNamespaces);

const json = (value: unknown) => JSON.stringify(value);
const JSON_TYPE = { 'content-type': 'application/json' };

/** As it would have been stored, each recording under a key of its own. */
function withoutOriginals(file: LoopFile): LoopFile {
  const disguise = createDisguise(redactionKey(newDataKey()));
  const parts = file.parts.map(decodePart).filter((part) => part !== undefined);
  return {
    ...file,
    parts: parts.map((part) => encodePart(disguisePart(part, [], disguise))),
    companions: file.companions.map(withoutOriginals),
  };
}

async function replayed(
  project: TestProject,
  recording: Omit<RecordingOf, 'service'>,
): Promise<ReplayReport & { readonly said: string }> {
  const file = withoutOriginals(recordingOf({ service: SERVICE, ...recording }));
  const bytes = await encodeLoopFile(file);
  for (const secret of ['k3y-0815', 'ann@corp.example', 'hunter2', '4111111111111111'])
    expect(Buffer.from(bytes).includes(secret)).toBe(false);
  const path = join(project.root, 'tokens.loop');
  writeFileSync(path, bytes);
  const { stdout, stderr } = await loopctl(['replay', path, '-o', 'json'], {
    cwd: project.directory,
    data: project.data,
  });
  return { ...(JSON.parse(stdout) as ReplayReport), said: stderr };
}

describe('an API key', () => {
  it('that is passed on matches in header, query, path and body; what came back passes on again', async () => {
    const project = makeProject(
      nodeService(`
        const key = request.headers['x-api-key'];
        const { mail, card } = JSON.parse(text);
        const headers = { 'x-api-key': key, 'content-type': 'application/json' };
        const found = await (await fetch('http://people.test/people/' + encodeURIComponent(mail) + '?api_key=' + encodeURIComponent(key), { headers })).json();
        const charged = await fetch('http://bank.test/charges', { method: 'POST', headers, body: JSON.stringify({ card, password: found.password, cents: 5 }) });
        answer(charged.status, { mail, ok: false });`),
    );
    const report = await replayed(project, {
      trigger: {
        method: 'POST',
        headers: { 'x-api-key': 'k3y-0815' },
        body: json({ mail: 'ann@corp.example', card: 4111111111111111 }),
        answer: { status: 503, body: json({ mail: 'ann@corp.example', ok: false }) },
      },
      calls: [
        {
          path: '/people/ann%40corp.example?api_key=k3y-0815',
          authority: 'people.test',
          headers: { 'x-api-key': 'k3y-0815' },
          answer: { status: 200, body: json({ password: 'hunter2' }) },
        },
        {
          method: 'POST',
          path: '/charges',
          authority: 'bank.test',
          body: json({ card: 4111111111111111, password: 'hunter2', cents: 5 }),
          answer: { status: 503, body: '{}' },
        },
      ],
    });
    expect(report.calls.map(({ grade, summary }) => [grade, summary.split(/[?/]/)[1]])).toEqual([
      ['exact', 'people'],
      ['exact', 'charges'],
    ]);
    expect([report.outcome, report.diff, report.unused]).toEqual(['reproduced', [], []]);
  });

  it('that the service has of its own matches too: it is made a token before it is compared', async () => {
    const project = makeProject(
      nodeService(`answer((await fetch('http://people.test/people?api_key=k3y-0815')).status, {});`),
    );
    const report = await replayed(project, {
      trigger: { answer: { status: 500, body: '{}' } },
      calls: [{ path: '/people?api_key=k3y-0815', authority: 'people.test', answer: { status: 500, body: '{}' } }],
    });
    expect(report.calls.map(({ grade }) => grade)).toEqual(['exact']);
    expect(report.outcome).toBe('reproduced');
  });
});

it('a JWT verifies in the service against the key set it fetched, thirty days and more after it ran out', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const token = await new SignJWT({ sub: 'ann@corp.example', scope: 'carts' })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuedAt(T0 / 1000)
    .setExpirationTime(T0 / 1000 + 600)
    .sign(privateKey);
  const keys = json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] });
  const project = makeProject(
    nodeService(
      `
      const { keys: [jwk] } = await (await fetch('http://login.test/keys')).json();
      const token = request.headers.authorization.replace('Bearer ', '');
      const [head, body, signature] = token.split('.');
      const good = verify('sha256', Buffer.from(head + '.' + body), createPublicKey({ key: jwk, format: 'jwk' }), Buffer.from(signature, 'base64url'));
      const claims = JSON.parse(Buffer.from(body, 'base64url'));
      if (!good || claims.exp < Date.now() / 1000) return answer(401, {});
      const form = new URLSearchParams({ subject: claims.sub });
      answer((await fetch('http://carts.test/of', { method: 'POST', body: form })).status, { scope: claims.scope });`,
      `import { createPublicKey, verify } from 'node:crypto';`,
    ),
  );
  const fetched = { path: '/keys', authority: 'login.test', answer: { status: 200, headers: JSON_TYPE, body: keys } };
  const ambient = recordingOf({
    service: SERVICE,
    purpose: 'ambient',
    number: 2,
    trigger: { path: '/healthz' },
    calls: [fetched],
  });
  const report = await replayed(project, {
    trigger: { headers: { authorization: `Bearer ${token}` }, answer: { status: 500, body: json({ scope: 'carts' }) } },
    calls: [
      {
        method: 'POST',
        path: '/of',
        authority: 'carts.test',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'subject=ann%40corp.example',
        answer: { status: 500, body: '{}' },
      },
    ],
    companions: [ambient],
  });
  expect(report.said).toContain('1 tokens are signed by the sandbox');
  expect(report.calls.map(({ grade, summary }) => [grade, summary])).toEqual([
    ['borrowed', 'GET /keys'],
    ['exact', 'POST /of'],
  ]);
  expect(report.outcome).toBe('reproduced');
});

it('statements match by their literals and parameters, in text', async () => {
  const rows = ran(
    'SELECT name FROM people WHERE mail = $1 AND card = $2',
    ['ann@corp.example', '4111111111111111'],
    ['Ann'],
  );
  const more = connectionSegments({ stream: 50, service: SERVICE, owner: 1, sent: [...handshake, ...rows] });
  const project = makeProject({
    ...nodeService(
      `
      const { mail, card } = JSON.parse(text);
      const client = new pg.Client({ host: 'postgres', port: 5432, user: 'app', database: 'shop', ssl: false });
      await client.connect();
      const { rows: [row] } = await client.query('SELECT name FROM people WHERE mail = $1 AND card = $2', [mail, card]);
      await client.end();
      answer(500, { found: row !== undefined });`,
      `import pg from ${json(import.meta.resolve('pg'))};`,
    ),
  });
  const report = await replayed(project, {
    trigger: {
      method: 'POST',
      body: json({ mail: 'ann@corp.example', card: '4111111111111111' }),
      answer: { status: 500, body: json({ found: true }) },
    },
    more,
  });
  expect(report.calls.map(({ grade, protocol }) => [grade, protocol])).toEqual([['exact', 'postgres']]);
  expect(report.outcome).toBe('reproduced');
});
