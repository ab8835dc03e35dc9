/** Each runtime calls a host by TLS, in the real sandbox, and believes its certificate; a client that does not is told. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { makeProject, nodeService, replayIn } from '../support/project.ts';
import type { RecordedCall } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { tlsClients } from '../support/trust/clients.ts';

beforeEach(skipWithoutNamespaces);

const HOST = 'api.named-host.example';
const BODY = '{"rate":"NaN"}';
const CALL: RecordedCall = {
  path: '/rates',
  authority: HOST,
  scheme: 'https',
  answer: { status: 200, headers: { 'content-type': 'application/json' }, body: BODY },
};

it('every runtime believes the named host', async () => {
  const project = makeProject(
    nodeService(
      `const heard = {};
       for (const { name, command: [program, ...words] } of JSON.parse(readFileSync('clients.json', 'utf8'))) {
         const { stdout, stderr, error } = await new Promise((done) => execFile(program, words, (error, stdout, stderr) => done({ stdout, stderr, error })));
         heard[name] = error ? stderr || stdout : stdout.trim();
       }
       answer(500, heard);`,
      `import { execFile } from 'node:child_process'; import { readFileSync } from 'node:fs';`,
    ),
  );
  const clients = tlsClients(project.directory, `https://${HOST}/rates`);
  writeFileSync(join(project.directory, 'clients.json'), JSON.stringify(clients));
  const heard = Object.fromEntries(clients.map(({ name }) => [name, BODY]));
  const { report } = await replayIn(project, {
    trigger: { answer: { status: 500, body: JSON.stringify(heard) } },
    calls: clients.map(() => CALL),
  });
  expect(JSON.parse(report.replayed.body ?? '')).toEqual(heard);
  expect(report.refused).toEqual([]);
  expect(report.outcome).toBe('reproduced');
}, 120_000);

it('a client with a pin is refused, and told', async () => {
  const project = makeProject(
    nodeService(
      `const ask = () => new Promise((done) => {
         const socket = connect({ host: '${HOST}', port: 443, servername: '${HOST}', checkServerIdentity: () => new Error('PINNED') });
         socket.on('error', (error) => done(error.message)).on('secureConnect', () => done('believed'));
       });
       answer(500, { said: await ask() });`,
      `import { connect } from 'node:tls';`,
    ),
  );
  const { report } = await replayIn(project, { trigger: { answer: { status: 500, body: '{}' } }, calls: [CALL] });
  expect(report.replayed.body).toBe('{"said":"PINNED"}');
  expect(report.refused).toEqual([
    {
      kind: 'tls',
      target: `${HOST}:443`,
      reason: expect.stringContaining('it left when it had seen the certificate, without a word') as string,
      hint: expect.stringContaining('${loop.ca}') as string,
    },
  ]);
});

it('so is one with authorities of its own, by the alert it sends', async () => {
  const project = makeProject(
    nodeService(
      `const said = await new Promise((done) => execFile('python3', ['ask.py'], (error, stdout) => done(stdout.trim())));
       answer(500, { said });`,
      `import { execFile } from 'node:child_process';`,
    ),
  );
  writeFileSync(
    join(project.directory, 'ask.py'),
    `import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
try:
    context.wrap_socket(socket.create_connection(('${HOST}', 443)), server_hostname='${HOST}')
except ssl.SSLError as error:
    print(error.reason)
`,
  );
  const { report } = await replayIn(project, { trigger: { answer: { status: 500, body: '{}' } }, calls: [CALL] });
  expect(report.replayed.body).toBe('{"said":"CERTIFICATE_VERIFY_FAILED"}');
  expect(report.refused).toMatchObject([{ kind: 'tls', target: `${HOST}:443` }]);
  expect(report.refused[0]?.reason).toContain('unknown_ca');
});

it('a service with a certificate shows the sandbox’s, in Node and in Python', async () => {
  const project = makeProject({
    ...nodeService(
      `const files = { cert: readFileSync(process.env.CERT), key: readFileSync(process.env.KEY), ca: readFileSync(process.env.CA) };
       const heard = await new Promise((done, failed) => get('https://${HOST}/rates', files, async (reply) => done(Buffer.concat(await reply.toArray()).toString())).on('error', failed));
       const python = await new Promise((done) => execFile('python3', ['ask.py'], (error, stdout, stderr) => done(stdout.trim() || stderr)));
       answer(500, [heard, python]);`,
      `import { execFile } from 'node:child_process'; import { readFileSync } from 'node:fs'; import { get } from 'node:https';`,
    ),
    'loop.yaml': `version: 1
services:
  orders:
    command: [node, server.mjs]
    port: 8080
    ready: /healthz
    env: { CERT: "\${loop.clientCert}", KEY: "\${loop.clientKey}", CA: "\${loop.ca}" }
`,
    'ask.py': `import os, ssl, urllib.request
context = ssl.create_default_context(cafile=os.environ['CA'])
context.load_cert_chain(os.environ['CERT'], os.environ['KEY'])
print(urllib.request.urlopen('https://${HOST}/rates', context=context, timeout=20).read().decode())
`,
  });
  const { report } = await replayIn(project, { trigger: { answer: { status: 500, body: '{}' } }, calls: [CALL, CALL] });
  expect(JSON.parse(report.replayed.body ?? '')).toEqual([BODY, BODY]);
  expect(report.refused).toEqual([]);
});
