import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freePorts } from '../../../../examples/shop/run/ports.ts';
import { query, startPostgres } from '../../../../examples/shop/run/postgres.ts';
import { Supervisor } from '../../../../examples/shop/run/supervisor.ts';

test('a database starts, also for root, takes the right password only, and goes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'postgres-test-'));
  const supervisor = new Supervisor();
  const [port = 0] = await freePorts(1);
  try {
    const postgres = await startPostgres({ supervisor, port, logFile: join(directory, 'postgres.log'), name: 'shop' });
    await query(postgres.url, 'CREATE TABLE t (n integer); INSERT INTO t VALUES (1)');
    await expect(query(postgres.url.replace(':shop@', ':guess@'), 'SELECT 1')).rejects.toThrow(
      'password authentication failed',
    );
    await supervisor.stop(postgres.process);
    await expect(query(postgres.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
  } finally {
    await supervisor.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
