/** The whole shop on one machine: five services, a sidecar each, a database and a cache. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerFile, startApplication } from './application.ts';
import { adminUrl, readStats, startSidecar } from './envoy.ts';
import { ShopError } from './error.ts';
import { readLedger } from './ledger.ts';
import type { LedgerEntry } from './ledger.ts';
import { freePorts } from './ports.ts';
import { query, startPostgres } from './postgres.ts';
import type { ManagedProcess } from './processes.ts';
import { command, startRedis } from './redis.ts';
import { ENTRY, PORTS_PER_SERVICE, SERVICES, toPorts } from './services.ts';
import type { ServiceName, ServicePlan, ServicePorts, StoreName } from './services.ts';
import { Supervisor } from './supervisor.ts';

export interface ShopOptions {
  /** Logs, ledgers and Envoy configurations go here; made when absent. */
  readonly directory: string;
  /** `unix:/path` or `host:port`. Nobody need listen there. */
  readonly sinkAddress: string;
  readonly envoyPath: string;
  /** A redis-server or valkey-server. */
  readonly redisPath: string;
  readonly log: (line: string) => void;
  /** Changes the configuration of each sidecar before Envoy reads it. */
  readonly bend?: (yaml: string) => string;
}

export interface ShopService {
  readonly name: ServiceName;
  readonly port: number;
  /** Port of its sidecar's inbound listener. */
  readonly inboundPort: number;
  /** Base URL of its sidecar's admin interface. */
  readonly envoyAdmin: string;
  readonly pid: number;
  readonly envoyPid: number;
}

export interface Shop {
  /** The gateway, through its sidecar. */
  readonly entryUrl: string;
  readonly services: readonly ShopService[];
  /** Every process that belongs to the shop. */
  readonly pids: readonly number[];
  /** What all services say they answered, by time. */
  ledger(): readonly LedgerEntry[];
  envoyStats(name: ServiceName): Promise<Readonly<Record<string, number>>>;
  /** Stops the program of one service; its sidecar stays and answers 503. */
  stopService(name: ServiceName): Promise<void>;
  /** Stops everything; can be called again. */
  stop(): Promise<void>;
}

const SCHEMA = new URL('../pricing/schema.sql', import.meta.url);
const DATABASE = 'shop';
/** What the release of pricing before this one cached: without a minimum, which there was not yet, and without an end. */
const LEFT_BEHIND = [
  ['terms:SPRING10', { v: 1, mostCents: 4000 }],
  ['terms:TEATIME25', { v: 1, mostCents: 5000 }],
] as const;

/** Starts the shop; resolves when every part is ready. What was started is stopped again when a part fails. Throws ShopError. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  mkdirSync(options.directory, { recursive: true });
  const running = new RunningShop(options);
  try {
    await running.start();
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

class RunningShop implements Shop {
  readonly #options: ShopOptions;
  readonly #supervisor = new Supervisor();
  readonly #applications = new Map<ServiceName, ManagedProcess>();
  readonly #stores = new Map<StoreName, ManagedProcess>();
  readonly #sidecars = new Map<ServiceName, ManagedProcess>();
  readonly #ports = new Map<ServiceName, ServicePorts>();
  #stopped: Promise<void> | undefined;

  constructor(options: ShopOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const numbers = await freePorts(SERVICES.length * PORTS_PER_SERVICE + 2);
    for (const [index, { name }] of SERVICES.entries()) {
      this.#ports.set(name, toPorts(numbers.slice(index * PORTS_PER_SERVICE)));
    }
    const [postgres = 0, redis = 0] = numbers.slice(-2);
    await allOrThrow([
      this.#startPostgres(postgres),
      this.#startRedis(redis),
      ...SERVICES.map((service) => this.#startSidecar(service, { postgres, redis })),
    ]);
    this.#options.log('database, cache and sidecars are ready');
    // Those that call nobody first: pricing asks accounts before it is ready, and a failed attempt would be the first failure recorded.
    const [leaves, callers] = [SERVICES.filter(callsNobody), SERVICES.filter((service) => !callsNobody(service))];
    await allOrThrow(leaves.map((service) => this.#startApplication(service)));
    await allOrThrow(callers.map((service) => this.#startApplication(service)));
    this.#options.log(`the shop is open at ${this.entryUrl}`);
  }

  get entryUrl(): string {
    return `http://127.0.0.1:${String(this.#portsOf(ENTRY).inbound)}`;
  }

  get services(): readonly ShopService[] {
    return SERVICES.map(({ name }) => {
      const ports = this.#portsOf(name);
      const pid = this.#applications.get(name)?.pid ?? 0;
      const envoyPid = this.#sidecars.get(name)?.pid ?? 0;
      return { name, port: ports.app, inboundPort: ports.inbound, envoyAdmin: adminUrl(ports), pid, envoyPid };
    });
  }

  get pids(): readonly number[] {
    return [this.#applications, this.#sidecars, this.#stores].flatMap((all) => [...all.values()].map(({ pid }) => pid));
  }

  ledger(): readonly LedgerEntry[] {
    const entries = SERVICES.flatMap(({ name }) => readLedger(ledgerFile(this.#options.directory, name)));
    return entries.toSorted((a, b) => a.at - b.at);
  }

  envoyStats(name: ServiceName): Promise<Readonly<Record<string, number>>> {
    return readStats(adminUrl(this.#portsOf(name)));
  }

  async stopService(name: ServiceName): Promise<void> {
    const application = this.#applications.get(name);
    if (application !== undefined) await this.#supervisor.stop(application);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    for (const layer of [this.#applications, this.#sidecars, this.#stores])
      await Promise.all([...layer.values()].map((process) => this.#supervisor.stop(process)));
    await this.#supervisor.close();
    this.#options.log('the shop is closed');
  }

  async #startPostgres(port: number): Promise<void> {
    const logFile = join(this.#options.directory, 'postgres.log');
    const postgres = await startPostgres({ supervisor: this.#supervisor, port, logFile, name: DATABASE });
    this.#stores.set('postgres', postgres.process);
    await query(postgres.url, readFileSync(SCHEMA, 'utf8'));
  }

  async #startRedis(port: number): Promise<void> {
    const { directory, redisPath } = this.#options;
    const logFile = join(directory, 'redis.log');
    const redis = await startRedis({ supervisor: this.#supervisor, redisPath, port, directory, logFile });
    this.#stores.set('redis', redis.process);
    await Promise.all(LEFT_BEHIND.map(([key, value]) => command(redis.url, ['SET', key, JSON.stringify(value)])));
  }

  async #startSidecar(service: ServicePlan, stores: Readonly<Record<StoreName, number>>): Promise<void> {
    const options = { ...this.#options, supervisor: this.#supervisor, ports: this.#ports, stores };
    this.#sidecars.set(service.name, await startSidecar(options, service));
  }

  async #startApplication(service: ServicePlan): Promise<void> {
    const options = { supervisor: this.#supervisor, directory: this.#options.directory, env: process.env };
    this.#applications.set(service.name, await startApplication(options, service, this.#portsOf(service.name)));
  }

  #portsOf(name: ServiceName): ServicePorts {
    const ports = this.#ports.get(name);
    if (ports === undefined) throw new ShopError(`${name} was not started`);
    return ports;
  }
}

function callsNobody({ calls }: ServicePlan): boolean {
  return calls.length === 0;
}

/** Waits for all, also when one fails, so that nothing is still being started while the rest is stopped. */
async function allOrThrow(tasks: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
