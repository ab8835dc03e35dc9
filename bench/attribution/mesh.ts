/** Five small services behind an Envoy each, and a database. Two of them pass no context on. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../examples/shop/run/ports.ts';
import { query, startPostgres } from '../../examples/shop/run/postgres.ts';
import { Supervisor } from '../../examples/shop/run/supervisor.ts';
import type { Address } from '../../src/envoy-config/address.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';

export const SERVICES = ['edge', 'checkout', 'pricing', 'stock', 'rates'] as const;
export type Service = (typeof SERVICES)[number];
/** They drop whatever context they are given. */
export const FORGETFUL: readonly string[] = ['checkout', 'pricing'];

const CALLS: Readonly<Record<Service, readonly string[]>> = {
  edge: ['checkout', 'ghost'],
  checkout: ['stock', 'pricing', 'ghost'],
  pricing: ['rates', 'ghost'],
  stock: [],
  rates: [],
};
/** Route timeouts, seconds: the caller above must not give up first. */
const TIMEOUTS: Readonly<Record<string, number>> = { checkout: 6, pricing: 1.4, stock: 1.4, rates: 1.4, ghost: 1.4 };
const LOOPBACK = '127.0.0.1';
const SCHEMA = `
  CREATE TABLE prices (sku text PRIMARY KEY, cents int NOT NULL);
  INSERT INTO prices SELECT 'sku-' || n, 100 + (n * 7919) % 9000 FROM generate_series(1, 40) n;
  CREATE TABLE quotes (id serial PRIMARY KEY, customer text, cents int);
  CREATE TABLE blocked (customer text PRIMARY KEY);
  INSERT INTO blocked SELECT 'c-' || n FROM generate_series(1, 60) n;`;

export interface Mesh {
  readonly entryUrl: string;
  /** Ledgers and logs of source ports. */
  readonly directory: string;
  readonly faults: string;
  stop(): Promise<void>;
}

interface Ports {
  readonly app: number;
  readonly inbound: number;
  readonly outbound: number;
  readonly admin: number;
  readonly database: number;
}

export async function startMesh(directory: string, sink: Address, envoy: string): Promise<Mesh> {
  const supervisor = new Supervisor();
  const faults = join(directory, 'faults');
  mkdirSync(faults, { recursive: true });
  const numbers = await freePorts(SERVICES.length * 5 + 2);
  const [databasePort = 0, ghost = 0] = numbers.slice(-2);
  const ports = new Map<string, Ports>(SERVICES.map((name, index) => [name, portsOf(numbers.slice(index * 5))]));
  const portOf = (name: string): Ports =>
    ports.get(name) ?? { app: 0, inbound: ghost, outbound: 0, admin: 0, database: 0 };
  const running: { stop(): Promise<void> }[] = [];
  const postgres = await startPostgres({
    supervisor,
    port: databasePort,
    logFile: join(directory, 'postgres.log'),
    name: 'mesh',
  });
  await query(postgres.url, SCHEMA);
  for (const name of SERVICES) {
    const own = portOf(name);
    const file = join(directory, `${name}.yaml`);
    writeFileSync(file, withPortLog(sidecarOf(name, sink, portOf, databasePort), join(directory, `${name}.ports`)));
    const args = [
      '-c',
      file,
      '--concurrency',
      '1',
      '--disable-hot-restart',
      '--log-level',
      'warning',
      '--file-flush-interval-msec',
      '50',
    ];
    const process = await supervisor.start({
      name: `${name}'s Envoy`,
      command: envoy,
      args,
      directory,
      env: {},
      logFile: join(directory, `${name}.envoy.log`),
    });
    running.push(process);
    await process.ready(() => accepts(own.inbound));
  }
  for (const name of SERVICES.toReversed()) {
    const own = portOf(name);
    const python = name === 'checkout' || name === 'stock';
    const script = fileURLToPath(new URL(python ? 'service.py' : 'service.ts', import.meta.url));
    const env = {
      PATH: process.env['PATH'] ?? '',
      ROLE: name,
      PORT: String(own.app),
      OUTBOUND: String(own.outbound),
      LEDGER: join(directory, `${name}.ledger`),
      FAULTS: faults,
      DATABASE: `postgres://mesh:mesh@${LOOPBACK}:${String(own.database)}/mesh`,
    };
    const app = await supervisor.start({
      name,
      command: python ? 'python3' : process.execPath,
      args: [script],
      directory,
      env,
      logFile: join(directory, `${name}.log`),
    });
    running.unshift(app);
    await app.ready(() => accepts(own.app));
  }
  return {
    entryUrl: `http://${LOOPBACK}:${String(portOf('edge').inbound)}`,
    directory,
    faults,
    async stop() {
      for (const process of running) await process.stop();
      await postgres.process.stop();
      await supervisor.close();
    },
  };
}

function portsOf([app = 0, inbound = 0, outbound = 0, admin = 0, database = 0]: readonly number[]): Ports {
  return { app, inbound, outbound, admin, database };
}

function sidecarOf(name: Service, sink: Address, portOf: (name: string) => Ports, databasePort: number): string {
  const own = portOf(name);
  const upstreams = CALLS[name].map((peer) => ({
    name: peer,
    hosts: [`${peer}.mesh`],
    address: socket(LOOPBACK, portOf(peer).inbound),
    timeoutSeconds: TIMEOUTS[peer] ?? 2,
  }));
  const database = {
    name: 'postgres',
    listen: socket(LOOPBACK, own.database),
    peer: 'postgres.mesh:5432',
    protocol: 'postgres',
    address: socket(LOOPBACK, databasePort),
  };
  return sidecarYaml({
    speaker: { service: name, instance: `${name}-1`, version: '1.0.0' },
    sink,
    envoyVersion: TESTED_VERSION,
    admin: socket(LOOPBACK, own.admin),
    inbound: { listen: socket(LOOPBACK, own.inbound), app: socket(LOOPBACK, own.app) },
    ...(upstreams.length > 0 && { outbound: { listen: socket(LOOPBACK, own.outbound), upstreams } }),
    ...(name === 'pricing' && { tcp: [database] }),
  });
}

/** A file with the request id and source port of everything that goes out: how a ledger's call is found among the recorded ones. */
function withPortLog(yaml: string, path: string): string {
  const config = parse(yaml) as {
    static_resources: {
      listeners: { name: string; filter_chains: { filters: { typed_config: Record<string, unknown> }[] }[] }[];
    };
  };
  for (const listener of config.static_resources.listeners.filter(({ name }) => name.startsWith('outbound'))) {
    const manager = listener.filter_chains[0]?.filters[0]?.typed_config;
    if (manager === undefined || !Array.isArray(manager['access_log'])) continue;
    manager['access_log'].push({
      name: 'envoy.access_loggers.file',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog',
        path,
        log_format: {
          text_format_source: { inline_string: '%DOWNSTREAM_REMOTE_PORT% %REQ(X-REQUEST-ID)% %START_TIME(%s.%3f)%\n' },
        },
      },
    });
  }
  return stringify(config);
}

function accepts(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createConnection(port, LOOPBACK, () => {
      probe.destroy();
      resolve();
    });
    probe.once('error', reject);
  });
}
