/** Connections that are older than what is kept of them, or than the recorder itself. */
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import pg from 'pg';
import { makeCertificate } from '../support/certificate.ts';
import { failureOf, replayDatabase, serveDatabase } from '../support/database/world.ts';
import { startPostgres } from '../support/postgres.ts';
import type { RunningPostgres } from '../support/postgres.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { startTestLoopd } from '../support/test-loopd.ts';

/** Whom test databases run as, where tests run as root. */
const UNPRIVILEGED = 65_534;

let database: RunningPostgres;
let encrypted: RunningPostgres;
const directory = mkdtempSync(join(tmpdir(), 'loop-database-'));

beforeEach(skipWithoutNamespaces);

beforeAll(async () => {
  const { ca, certificate, key } = await makeCertificate('db.shop');
  for (const [name, text] of Object.entries({ 'ca.pem': ca, 'server.pem': certificate, 'server.key': key }))
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  if (process.getuid?.() === 0)
    for (const name of ['.', 'server.pem', 'server.key']) chownSync(join(directory, name), UNPRIVILEGED, UNPRIVILEGED);
  const files = ['cert', 'key'].map(
    (file) => `ssl_${file}_file = '${join(directory, `server.${file === 'key' ? 'key' : 'pem'}`)}'`,
  );
  [database, encrypted] = await Promise.all([startPostgres(), startPostgres(['ssl = on', ...files])]);
  await Promise.all([database, encrypted].map(prepare));
});

async function prepare(real: RunningPostgres): Promise<void> {
  const client = new pg.Client({ ...real, ssl: false });
  await client.connect();
  await client.query('create table stock(sku text primary key, stock int, sold date)');
  await client.query("insert into stock values ('mug', 3, '2026-01-31'), ('cup', -1, '2026-02-28')");
  await client.end();
}

afterAll(async () => {
  await Promise.all([database.stop(), encrypted.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

describe('what a connection holds from earlier transactions', () => {
  it('a statement that was prepared by another request is replayed, and a setting too', async () => {
    await using world = new AsyncDisposableStack();
    const daemon = await startTestLoopd();
    world.defer(() => daemon.close());
    const { ask } = await serveDatabase(world, { sink: daemon.sink, database, env: { EAGER: '1' } });
    expect(await ask('/set')).toMatchObject({ status: 200 });
    expect(await ask('/prepare')).toMatchObject({ status: 200 });
    const { body } = await ask('/fail');
    const { summary, transaction, file } = await failureOf(daemon);
    expect(summary.holes).toEqual([]);
    expect(transaction.commands.map(({ command }) => command.summary)).toEqual([
      'select sku, stock, sold from stock where sku = $1',
    ]);
    const { report } = await replayDatabase(file, { EAGER: '1' });
    expect(report).toMatchObject({ outcome: 'reproduced', diff: [], missed: [], refused: [] });
    expect(report.replayed.body).toBe(body);
    expect(report.calls).toMatchObject([{ grade: 'exact', source: 'loop' }]);
  });
});

describe('TLS to a database', () => {
  it('that the sidecar makes is recorded as it was said, and replays', async () => {
    await using world = new AsyncDisposableStack();
    const daemon = await startTestLoopd();
    world.defer(() => daemon.close());
    const { ask } = await serveDatabase(world, {
      sink: daemon.sink,
      database: encrypted,
      tcp: { tls: { ca: join(directory, 'ca.pem') } },
    });
    const { status, body } = await ask('/fail');
    expect([status, body]).toEqual([500, expect.stringContaining('cup')]);
    const { summary, transaction, file } = await failureOf(daemon);
    expect(summary).toMatchObject({ holes: [], commands: 1 });
    expect(transaction.commands).toMatchObject([{ attribution: 'exclusive', command: { rows: 1 } }]);
    const { report } = await replayDatabase(file);
    expect(report).toMatchObject({
      outcome: 'reproduced',
      diff: [],
      missed: [],
      refused: [],
      calls: [{ grade: 'exact' }],
    });
  });

  it('without the ALPN of Postgres is refused by the server; a client that asks for TLS inside is told no', async () => {
    await using world = new AsyncDisposableStack();
    const daemon = await startTestLoopd();
    world.defer(() => daemon.close());
    const tls = { ca: join(directory, 'ca.pem') };
    const nameless = { sink: daemon.sink, database: encrypted, tcp: { protocol: 'tcp', tls } };
    expect(await (await serveDatabase(world, nameless)).ask('/prepare')).toMatchObject({ status: 503 });
    const { listen } = await serveDatabase(world, { sink: daemon.sink, database: encrypted, tcp: { tls } });
    const client = connect(listen, '127.0.0.1');
    client.write(Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f));
    const [answer] = (await once(client, 'data')) as [Buffer];
    client.destroy();
    expect(answer.toString()).toBe('N');
  });

  it('that the service makes itself is a hole, named in the recording and before the replay', async () => {
    await using world = new AsyncDisposableStack();
    const daemon = await startTestLoopd();
    world.defer(() => daemon.close());
    const { ask } = await serveDatabase(world, { sink: daemon.sink, database: encrypted, env: { TLS_CA: directory } });
    expect(await ask('/fail')).toMatchObject({ status: 500 });
    const { summary, file } = await failureOf(daemon);
    const hole = 'db.shop: TLS that stock speaks itself: nothing in it can be read, or answered in a replay';
    expect(summary).toMatchObject({ holes: [hole], commands: 0 });
    const { report, stderr } = await replayDatabase(file, { TLS_CA: directory });
    expect(stderr).toContain(`the recording is not whole: ${hole}\n`);
    expect(report).toMatchObject({ outcome: 'incomplete', holes: [hole] });
    // The sandbox is asked in TLS too, and reads it: what there is no answer to is named.
    expect(report.missed.map(({ summary: asked }) => asked)).toEqual([
      'select sku, stock, sold from stock where sku = $1',
    ]);
  });
});
