/** One service with a connection to a real Postgres, behind a real sidecar. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LoopSummary } from '../../../src/domain/loop.ts';
import type { Transaction } from '../../../src/domain/transaction.ts';
import { socket } from '../../../src/envoy-config/address.ts';
import type { TcpUpstream } from '../../../src/envoy-config/options.ts';
import { sidecarYaml } from '../../../src/envoy-config/sidecar.ts';
import type { Address } from '../../../src/envoy-config/address.ts';
import { loopctl } from '../cli.ts';
import { startService } from '../grpc-services.ts';
import { patient } from '../patient.ts';
import { checkedReport } from '../project.ts';
import { startEnvoy } from '../running-envoy.ts';
import { temporaryDirectory } from '../temporary.ts';
import { allFailures, openLoop } from '../test-loopd.ts';
import type { TestLoopd } from '../test-loopd.ts';
import { until } from '../until.ts';
import { freePort } from '../server-process.ts';

const DIRECTORY = fileURLToPath(new URL('.', import.meta.url));
const PEER = 'db.shop:5432';

export interface Served {
  readonly inbound: string;
  /** Where the application finds the database. */
  readonly listen: number;
  /** Posts with a trace of its own; status and body. */
  readonly ask: (path: string) => Promise<{ readonly status: number; readonly body: string }>;
}

export interface Serving {
  readonly sink: Address;
  readonly database: { readonly host: string; readonly port: number };
  readonly env?: Readonly<Record<string, string>>;
  readonly tcp?: Partial<TcpUpstream>;
  readonly yaml?: (text: string) => string;
  /** By default the one that asks Postgres. */
  readonly service?: string;
}

export async function serveDatabase(world: AsyncDisposableStack, options: Serving): Promise<Served> {
  const [app, listen] = [await freePort(), await freePort()];
  const { host, port } = options.database;
  const address = { address: socket(host, port), listen: socket('127.0.0.1', listen) };
  const sidecar = sidecarYaml({
    speaker: { service: 'stock', instance: 'stock-1' },
    sink: options.sink,
    envoyVersion: { major: 1, minor: 40 },
    admin: socket('127.0.0.1', 0),
    inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
    tcp: [{ name: 'db', peer: PEER, protocol: 'postgres', ...address, ...options.tcp }],
  });
  const envoy = await startEnvoy((options.yaml ?? patient)(sidecar));
  world.defer(() => envoy.stop());
  const service = await startService([process.execPath, join(DIRECTORY, options.service ?? 'service.ts')], {
    PORT: String(app),
    PGHOST: '127.0.0.1',
    PGPORT: String(listen),
    PEER_HOST: '127.0.0.1',
    PEER_PORT: String(listen),
    ...options.env,
  });
  world.defer(() => service.stop());
  const inbound = await envoy.listener('inbound');
  let asked = 0;
  return {
    inbound,
    listen,
    ask: async (path) => {
      const traceparent = `00-${(++asked).toString(16).padStart(32, '0')}-${'b'.repeat(16)}-01`;
      const answer = await fetch(`${inbound}${path}`, { method: 'POST', headers: { traceparent } });
      return { status: answer.status, body: await answer.text() };
    },
  };
}

export interface Failure {
  readonly summary: LoopSummary;
  readonly transaction: Transaction;
  readonly file: string;
}

/** The one failure there is. */
export async function failureOf({ api }: TestLoopd): Promise<Failure> {
  const [summary] = await until(
    () => allFailures(api),
    (loops) => loops.length > 0,
  );
  if (summary === undefined) throw new Error('Nothing was kept.');
  const { transaction } = await openLoop(api, summary.id);
  const file = join(temporaryDirectory(), 'database.loop');
  writeFileSync(file, await api.recording(summary.id, { open: true }), { mode: 0o600 });
  return { summary, transaction, file };
}

/** The same service where there is no database. */
export async function replayDatabase(file: string, env: Readonly<Record<string, string>> = {}, service = 'service.ts') {
  const [host = '', port = ''] = PEER.split(':');
  const { stdout, stderr } = await loopctl(['replay', file, '-o', 'json', '--port', '8080', '--', 'node', service], {
    cwd: DIRECTORY,
    data: temporaryDirectory(),
    env: { PGHOST: host, PGPORT: port, PEER_HOST: host, PEER_PORT: port, ...env },
  });
  if (stdout === '') throw new Error(stderr);
  return { report: checkedReport(stdout), stderr };
}
