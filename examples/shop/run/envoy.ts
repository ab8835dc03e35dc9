import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress, socket } from '../../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../../src/envoy-config/version.ts';
import { ShopError } from './error.ts';
import { fetchText } from './fetch.ts';
import type { ManagedProcess } from './processes.ts';
import type { ServiceName, ServicePlan, ServicePorts, StoreName } from './services.ts';
import type { Supervisor } from './supervisor.ts';

const LOOPBACK = '127.0.0.1';
/** How the services know them in production. */
const PEERS: Readonly<Record<StoreName, string>> = { postgres: 'postgres.shop:5432', redis: 'redis.shop:6379' };

export interface EnvoyOptions {
  readonly supervisor: Supervisor;
  readonly directory: string;
  readonly envoyPath: string;
  readonly sinkAddress: string;
  readonly ports: ReadonlyMap<ServiceName, ServicePorts>;
  /** Ports of the servers themselves. */
  readonly stores: Readonly<Record<StoreName, number>>;
  /** Changes a sidecar's configuration before Envoy reads it. */
  readonly bend?: (yaml: string) => string;
}

/** Starts the sidecar of a service; resolves once it is live. */
export async function startSidecar(options: EnvoyOptions, service: ServicePlan): Promise<ManagedProcess> {
  const file = join(options.directory, `${service.name}.envoy.yaml`);
  const yaml = sidecarOf(options, service);
  writeFileSync(file, options.bend?.(yaml) ?? yaml);
  const envoy = await options.supervisor.start({
    name: `${service.name}'s Envoy`,
    command: options.envoyPath,
    hint: 'Set LOOP_ENVOY to an Envoy 1.40 binary.',
    args: ['-c', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'],
    directory: options.directory,
    env: {},
    logFile: join(options.directory, `${service.name}.envoy.log`),
  });
  const admin = adminUrl(portsOf(options, service.name));
  await envoy.ready(() => fetchText(`${admin}/ready`));
  return envoy;
}

export function adminUrl({ admin }: ServicePorts): string {
  return `http://${LOOPBACK}:${String(admin)}`;
}

/** Counters and gauges of an Envoy, by name; what was never used is left out. */
export async function readStats(admin: string): Promise<Readonly<Record<string, number>>> {
  const { stats } = JSON.parse(await fetchText(`${admin}/stats?usedonly&format=json`)) as {
    stats: readonly { name?: string; value?: unknown }[];
  };
  return Object.fromEntries(
    stats.flatMap(({ name, value }) => (name !== undefined && typeof value === 'number' ? [[name, value]] : [])),
  );
}

function sidecarOf(options: EnvoyOptions, { name, calls, stores }: ServicePlan): string {
  const ports = portsOf(options, name);
  const upstreams = calls.map((peer) => ({
    name: peer,
    hosts: [`${peer}.shop`],
    address: socket(LOOPBACK, portsOf(options, peer).inbound),
  }));
  const tcp = stores.map((store) => ({
    name: store,
    listen: socket(LOOPBACK, ports.stores[store]),
    peer: PEERS[store],
    protocol: store,
    address: socket(LOOPBACK, options.stores[store]),
  }));
  return sidecarYaml({
    speaker: { service: name, instance: `${name}-1`, version: '1.0.0' },
    sink: parseAddress(options.sinkAddress),
    envoyVersion: TESTED_VERSION,
    admin: socket(LOOPBACK, ports.admin),
    inbound: { listen: socket(LOOPBACK, ports.inbound), app: socket(LOOPBACK, ports.app) },
    ...(calls.length > 0 ? { outbound: { listen: socket(LOOPBACK, ports.outbound), upstreams } } : {}),
    ...(tcp.length > 0 ? { tcp } : {}),
  });
}

function portsOf({ ports }: EnvoyOptions, name: ServiceName): ServicePorts {
  const found = ports.get(name);
  if (found === undefined) throw new ShopError(`no ports for ${name}`);
  return found;
}
