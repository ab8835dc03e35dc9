/** What each worker of a group is to do: its addresses, and its share of what there is. */
import type { MessagePort } from 'node:worker_threads';
import type { RecorderLimits } from '../recorder/options.ts';
import { limitsOf } from '../recorder/options.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { IngestConfig } from './messages.ts';
import type { ListenAddress, TransportLimits } from './transport.ts';

/** The shard says which worker: an instance sends to one shard, and so lives in one recorder. */
export interface ShardAddress {
  readonly shard: number;
  readonly address: ListenAddress;
}

export interface GroupConfig extends Omit<IngestConfig, 'listen' | 'history'> {
  /** Threads, each with a transport and a recorder of its own. */
  readonly workers: number;
  readonly listen: readonly ShardAddress[];
  /** A port for each worker, or none; they are handed over. */
  readonly history?: readonly MessagePort[];
}

/** What is bounded for all workers together. */
const SHARED = [
  'ringBytes',
  'indexBytes',
  'pinnedBytes',
  'logWaitBytes',
  'neighbourBytesPerSecond',
  'ambientBytes',
  'inspectionsPerSecond',
  'inspectionBytesPerSecond',
  'commandLooksPerSecond',
] as const satisfies readonly (keyof RecorderLimits)[];

export function configOf(config: GroupConfig, worker: number): IngestConfig {
  const { workers, listen, history, recorder, limits, ...rest } = config;
  const port = history?.[worker];
  return {
    ...rest,
    listen: listen.filter(({ shard }) => shard % workers === worker).map(({ address }) => address),
    recorder: workers === 1 ? (recorder ?? {}) : divided(limitsOf(recorder ?? {}), workers),
    ...(limits && { limits }),
    ...(workers > 1 && { beside: true, limits: dividedTransport({ ...DEFAULT_LIMITS, ...limits }, workers) }),
    ...(port && { history: port }),
  };
}

function divided(limits: RecorderLimits, workers: number): RecorderLimits {
  const shares = SHARED.map((name) => [name, Math.max(1, Math.floor(limits[name] / workers))] as const);
  return { ...limits, ...Object.fromEntries(shares) };
}

/** Each can still hold one message of any size. */
function dividedTransport(limits: TransportLimits, workers: number): TransportLimits {
  const { messageBytes, unfinishedBytes } = limits;
  return { ...limits, unfinishedBytes: Math.max(messageBytes, Math.floor(unfinishedBytes / workers)) };
}

/** What the workers really bound, in the order it was asked for. */
export function addressesOf(
  { listen, workers }: GroupConfig,
  bound: readonly (readonly ListenAddress[])[],
): readonly ListenAddress[] {
  const left = bound.map((addresses) => [...addresses]);
  return listen.flatMap(({ shard }) => left[shard % workers]?.shift() ?? []);
}
