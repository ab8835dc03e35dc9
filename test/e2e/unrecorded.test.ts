/** Connections that Envoy hands to no sink, because none was there when they began, or not the one that is there now. */
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { failureOf, replayDatabase, serveDatabase } from '../support/database/world.ts';
import type { Failure, Served } from '../support/database/world.ts';
import { startPostgres } from '../support/postgres.ts';
import type { RunningPostgres } from '../support/postgres.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

let database: RunningPostgres;

beforeEach(skipWithoutNamespaces);

beforeAll(async () => {
  database = await startPostgres();
  const client = new pg.Client({ ...database, ssl: false });
  await client.connect();
  await client.query('create table stock(sku text primary key, stock int, sold date)');
  await client.query("insert into stock values ('mug', 3, '2026-01-31'), ('cup', -1, '2026-02-28')");
  await client.end();
});

afterAll(() => database.stop());

/** Envoy needs a moment to find that its sink is there: asked until the first failure is kept, and all that is known of it has come. */
async function firstFailure(daemon: TestLoopd, { ask }: Served): Promise<Failure> {
  await until(
    async () => {
      await ask('/fail');
      return allFailures(daemon.api);
    },
    ([newest]) => (newest?.holes ?? []).length > 0,
  );
  return failureOf(daemon);
}

const HOLE =
  /^a connection to db\.shop:5432 that began \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, before it could be recorded: its commands are missing$/;

it('a connection older than loopd is a hole, until the service opens another', async () => {
  await using world = new AsyncDisposableStack();
  const path = join(temporaryDirectory(), 'sink.sock');
  const served = await serveDatabase(world, { sink: { kind: 'unix', path }, database, env: { EAGER: '1' } });
  expect(await served.ask('/prepare')).toMatchObject({ status: 200 });

  const started = async (): Promise<TestLoopd> => startTestLoopd({ sink: { port: 0, socket: path } });
  const first = await started();
  const { summary, file } = await firstFailure(first, served);
  expect(summary).toMatchObject({ commands: 0, holes: [expect.stringMatching(HOLE)] });
  const { report, stderr } = await replayDatabase(file);
  expect(stderr).toContain(`the recording is not whole: ${summary.holes[0]}\n`);
  expect(report).toMatchObject({ outcome: 'incomplete', holes: summary.holes });

  expect(await served.ask('/reconnect')).toMatchObject({ status: 200 });
  // Envoy tells the end of the old connection a while after it: failures until then still name it.
  const after = await until(
    async () => {
      await served.ask('/fail');
      return allFailures(first.api);
    },
    ([newest]) => newest?.commands === 1 && newest.holes.length === 0,
  );
  expect(after[0]).toMatchObject({ commands: 1, holes: [] });

  await first.close();
  const second = await started();
  world.defer(() => second.close());
  const again = await firstFailure(second, served);
  expect(again.summary).toMatchObject({ commands: 0, holes: [expect.stringMatching(HOLE)] });
});
