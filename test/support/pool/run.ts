/** Fifty orders at once over a pool of five connections, one of which fails: what was recorded of it, and what was really its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { LoopId } from '../../../src/domain/ids.ts';
import type { Transaction } from '../../../src/domain/transaction.ts';
import { conversationProtocol } from '../../../src/wire/protocols.ts';
import type { RunningPostgres } from '../postgres.ts';
import { socket } from '../../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../../src/envoy-config/sidecar.ts';
import { Random } from '../fuzz/random.ts';
import { startService } from '../grpc-services.ts';
import { patient } from '../patient.ts';
import { startPostgres } from '../postgres.ts';
import { startEnvoy } from '../running-envoy.ts';
import { allFailures, openLoop, startTestLoopd } from '../test-loopd.ts';
import type { TestLoopd } from '../test-loopd.ts';
import { until } from '../until.ts';
import { LOG_STATEMENTS, ownersOf, readLedger, readLog } from './truth.ts';
import { freePort } from '../server-process.ts';

export const POOL_SERVICE = fileURLToPath(new URL('service.ts', import.meta.url));
export const DATABASE = { name: 'db.shop', port: 5432 } as const;
const SCARCE = 'sku-scarce';

export interface PoolOptions {
  readonly seed: number;
  readonly comments: 'none' | 'traceparent';
  /** Threads of the sidecar. */
  readonly workers?: number;
  readonly requests?: number;
  readonly connections?: number;
}

export interface PoolRun {
  readonly id: LoopId;
  /** The loop, open, in a file that goes with the run. */
  readonly file: string;
  /** Statements of the failed order by the server's log. */
  readonly made: number;
  /** Commands of it that the recording holds, whatever they are said to be. */
  readonly recorded: number;
  /** Commands that the recording says were the failed order's, and those of them that were. */
  readonly placed: number;
  readonly right: number;
  /** Commands of which it only says that they may have been. */
  readonly unplaced: number;
  readonly transaction: Transaction;
  /** For people: what went wrong, a line each. */
  readonly amiss: readonly string[];
  readonly statuses: Readonly<Record<number, number>>;
  readonly holes: readonly string[];
  readonly answer: string;
  [Symbol.asyncDispose](): Promise<void>;
}

const TABLES = [
  'create table rates(currency text primary key, rate numeric)',
  "insert into rates values ('EUR', 1.0837), ('USD', 1)",
  'create table customers(id int primary key, name text)',
  "insert into customers select n, 'customer ' || n from generate_series(1, 60) n",
  'create table products(sku text primary key, price numeric, stock int check (stock >= 0))',
  "insert into products select 'sku-' || n, n * 1.25, 1000000 from generate_series(1, 40) n",
  `insert into products values ('${SCARCE}', 9.5, 0)`,
  'create table orders(id uuid primary key, customer int references customers, total numeric)',
];

/** `database` is stopped by the time this returns. */
export async function runPool(options: PoolOptions): Promise<PoolRun> {
  const directory = mkdtempSync(join(tmpdir(), 'loop-pool-'));
  await using world = new AsyncDisposableStack();
  const daemon = await startTestLoopd();
  world.defer(() => daemon.close());
  let log = '';
  const ledger = join(directory, 'ledger');
  const database = await startPostgres(LOG_STATEMENTS, (text) => (log += text));
  world.defer(() => database.stop());
  await prepare(database);
  const inbound = await serve(options, { daemon, database, ledger, world });
  const answers = await order(inbound, options);
  const failed = answers.find(({ status }) => status === 500);
  const statuses = Object.fromEntries(
    [...Map.groupBy(answers, ({ status }) => status)].map(([status, all]) => [status, all.length]),
  );
  if (failed === undefined || statuses[500] !== 1) throw new Error(`Not one failure: ${JSON.stringify(statuses)}`);
  const [summary] = await until(
    () => allFailures(daemon.api),
    (loops) => loops.length > 0,
  );
  if (summary === undefined) throw new Error('Nothing was kept.');
  const { transaction } = await openLoop(daemon.api, summary.id);
  const file = join(directory, 'pool.loop');
  writeFileSync(file, await daemon.api.recording(summary.id, { open: true }), { mode: 0o600 });
  return {
    id: summary.id,
    file,
    statuses,
    answer: failed.body,
    holes: summary.holes,
    transaction,
    ...compared(transaction, failed.order, log, ledger),
    async [Symbol.asyncDispose]() {
      await Promise.resolve(rmSync(directory, { recursive: true, force: true }));
    },
  };
}

async function prepare(database: RunningPostgres): Promise<void> {
  const client = new pg.Client({ ...database, ssl: false });
  await client.connect();
  for (const sql of TABLES) await client.query(sql);
  await client.end();
}

interface World {
  readonly daemon: TestLoopd;
  readonly database: RunningPostgres;
  readonly ledger: string;
  readonly world: AsyncDisposableStack;
}

/** The service behind its sidecar; where orders come in. */
async function serve(
  { comments, workers, connections = 5 }: PoolOptions,
  { daemon, database, ledger, world }: World,
): Promise<string> {
  const [app, listen] = [await freePort(), await freePort()];
  const peer = `${DATABASE.name}:${DATABASE.port}`;
  const sidecar = sidecarYaml({
    speaker: { service: 'orders', instance: 'orders-1' },
    sink: daemon.sink,
    envoyVersion: { major: 1, minor: 40 },
    admin: socket('127.0.0.1', 0),
    inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
    tcp: [
      {
        name: 'db',
        peer,
        protocol: 'postgres',
        address: socket(database.host, database.port),
        listen: socket('127.0.0.1', listen),
      },
    ],
  });
  const envoy = await startEnvoy(patient(sidecar), workers);
  world.defer(() => envoy.stop());
  const service = await startService([process.execPath, POOL_SERVICE], {
    PORT: String(app),
    PGHOST: '127.0.0.1',
    PGPORT: String(listen),
    POOL: String(connections),
    LEDGER: ledger,
    COMMENTS: comments,
  });
  world.defer(() => service.stop());
  return await envoy.listener('inbound');
}

interface Answer {
  readonly order: string;
  readonly status: number;
  readonly body: string;
}

/** All at once; one of them, somewhere in the middle, asks for what is not there. */
async function order(inbound: string, { seed, requests = 50 }: PoolOptions): Promise<readonly Answer[]> {
  const random = new Random(seed);
  const failing = Math.floor(requests / 4) + random.below(Math.ceil(requests / 2));
  const agent = new http.Agent({ keepAlive: true });
  const item = () => ({ sku: `sku-${1 + random.below(40)}`, quantity: 1 + random.below(5) });
  const orders = Array.from({ length: requests }, (_, index) => {
    const items = Array.from({ length: 1 + random.below(3) }, item);
    if (index === failing) items.push({ sku: SCARCE, quantity: 1 });
    // Locked in one order, as who knows of deadlocks does: only what is scarce fails.
    items.sort((one, other) => (one.sku < other.sku ? -1 : 1));
    const [a, b, c, d] = [random.hex(8), random.hex(4), random.hex(3), random.hex(12)];
    return { order: `${a}-${b}-4${c}-8${c}-${d}`, customer: 1 + random.below(60), items };
  });
  try {
    return await Promise.all(
      orders.map((one) => post(`${inbound}/orders`, one, `00-${random.hex(32)}-${random.hex(16)}-01`, agent)),
    );
  } finally {
    agent.destroy();
  }
}

function post(url: string, value: { readonly order: string }, traceparent: string, agent: http.Agent): Promise<Answer> {
  const headers = { 'content-type': 'application/json', traceparent };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers, agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response
        .on('end', () => resolve({ order: value.order, status: response.statusCode ?? 0, body }))
        .on('error', reject);
    });
    request.on('error', reject);
    request.end(JSON.stringify(value));
  });
}

function compared(transaction: Transaction, failed: string, log: string, ledgerFile: string) {
  const ledger = readLedger(ledgerFile);
  const logged = [...Map.groupBy(readLog(log), ({ process }) => process).values()].flatMap((all) =>
    ownersOf(
      all.map(({ statement }) => statement),
      ledger,
    ),
  );
  const really = new Map<string, string>();
  const summaries = new Map<string, string>();
  for (const conversation of transaction.conversations) {
    const commands = conversationProtocol(conversation.protocol)?.decodeCommands(conversation) ?? [];
    const statements = commands.map(({ request }) => Buffer.concat(request).toString('latin1'));
    const owners = ownersOf(statements, ledger);
    commands.forEach(({ id, summary }, index) => {
      really.set(id, owners[index] ?? '');
      summaries.set(id, summary);
    });
  }
  const said = transaction.commands.filter(
    ({ attribution, flow }) => attribution !== 'candidate' || flow !== undefined,
  );
  const own = new Set([...really].flatMap(([id, owner]) => (owner === failed ? [id] : [])));
  const placed = new Set(said.map(({ command }) => command.id));
  return {
    made: logged.filter((owner) => owner === failed).length,
    recorded: own.size,
    placed: placed.size,
    right: said.filter(({ command }) => own.has(command.id)).length,
    unplaced: transaction.commands.length - said.length,
    amiss: [
      ...[...own].filter((id) => !placed.has(id)).map((id) => `missed: ${summaries.get(id) ?? ''}`),
      ...said
        .filter(({ command }) => !own.has(command.id))
        .map(({ command, attribution }) => `wrong: ${attribution} ${command.summary}`),
    ],
  };
}
