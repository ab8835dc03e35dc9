/** The sidecar that Loop prints, in front of the bench's upstream, and the same without Loop. */
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarConfig } from '../../src/envoy-config/sidecar.ts';
import { SINK_CLUSTER } from '../../src/envoy-config/sink.ts';
import type { Fields, Tree } from '../../src/envoy-config/tree.ts';
import { toYaml } from '../../src/envoy-config/yaml.ts';
import type { RunningEnvoy } from '../../test/support/running-envoy.ts';
import { startEnvoy } from '../../test/support/running-envoy.ts';
import { until } from '../../test/support/until.ts';
import { place } from '../load/processes.ts';

/**
 * `recorded`: as shipped. `plain`: without filter, access log and cluster of the sink. The others are as nobody should run it, to see that harm
 * would be seen: `fail-closed` (`failure_mode_allow: false`), `unguarded` (buffers of 1 MiB for the sink, and no probes); or `unprobed`, for a sink
 * that answers no probes (load/discard.c).
 */
export type Kind = 'recorded' | 'plain' | 'fail-closed' | 'unguarded' | 'unprobed';

export interface Sidecar {
  readonly kind: Kind;
  readonly pid: number;
  readonly port: number;
  /** What its filter counts, and the state of the sink's cluster. */
  counts(): Promise<FilterCounts>;
  stop(): Promise<void>;
}

export interface FilterCounts {
  readonly calls: number;
  readonly messages: number;
  /** Exchanges that went on without the sink, or without it from some point on. */
  readonly unrecorded: number;
  readonly healthy: boolean;
  /** Times that what waits for the sink held up reading. */
  readonly backedUp: number;
}

export async function startSidecar(kind: Kind, at: { socket: string; app: number; core: number }): Promise<Sidecar> {
  const config = sidecarConfig({
    speaker: { service: 'front', instance: 'front-1' },
    sink: { kind: 'unix', path: at.socket },
    envoyVersion: { major: 1, minor: 40 },
    admin: socket('127.0.0.1', 0),
    inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', at.app) },
  });
  const envoy = await startEnvoy(toYaml(changed(kind, config)));
  place(envoy.pid, at.core);
  return {
    kind,
    pid: envoy.pid,
    port: Number(new URL(await envoy.listener('inbound')).port),
    counts: () => counts(envoy),
    stop: () => envoy.stop(),
  };
}

/** Envoy uses the sink once it was found healthy. */
export async function whenRecording(sidecar: Sidecar): Promise<void> {
  await until(
    () => sidecar.counts(),
    ({ healthy }) => healthy,
  );
}

async function counts(envoy: RunningEnvoy): Promise<FilterCounts> {
  const stats = await envoy.stats(
    `ext_proc.loop_inbound|cluster.${SINK_CLUSTER}.(membership_healthy|upstream_flow_control_backed_up_total)`,
  );
  const filter = (name: string): number => stats[`http.inbound.ext_proc.loop_inbound.${name}`] ?? 0;
  return {
    calls: filter('streams_started'),
    messages: filter('stream_msgs_sent'),
    unrecorded: filter('failure_mode_allowed'),
    healthy: stats[`cluster.${SINK_CLUSTER}.membership_healthy`] === 1,
    backedUp: stats[`cluster.${SINK_CLUSTER}.upstream_flow_control_backed_up_total`] ?? 0,
  };
}

function changed(kind: Kind, config: Fields): Fields {
  const change = { recorded: undefined, plain: withoutRecorder, 'fail-closed': failClosed, unguarded, unprobed }[kind];
  return change === undefined ? config : fieldsOf(config, change);
}

type Change = (name: string, value: Tree | undefined) => Tree | undefined;

function fieldsOf(fields: Fields, change: Change): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, deep(change(name, value), change)]));
}

function deep(value: Tree | undefined, change: Change): Tree | undefined {
  if (typeof value !== 'object') return value;
  if (isList(value)) return value.map((one) => deep(one, change) ?? '');
  return fieldsOf(value, change);
}

function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

function named(value: Tree, name: string): boolean {
  return typeof value === 'object' && !isList(value) && value['name'] === name;
}

const withoutRecorder: Change = (name, value) => {
  if (name === 'access_log') return undefined;
  if (value === undefined || !isList(value as Tree)) return value;
  return (value as readonly Tree[]).filter(
    (one) => !named(one, 'envoy.filters.http.ext_proc') && !named(one, SINK_CLUSTER),
  );
};

const failClosed: Change = (name, value) => (name === 'failure_mode_allow' ? false : value);

const unguarded: Change = (name, value) => {
  if (name === 'per_connection_buffer_limit_bytes' || name === 'initial_stream_window_size') return 1_048_576;
  return name === 'health_checks' || name === 'connection_keepalive' ? undefined : value;
};

const unprobed: Change = (name, value) => (name === 'health_checks' ? undefined : value);
