/** Where loopd listens for sidecars. */
import { SHARDS, shardPath } from '../domain/shard.ts';
import type { ShardAddress } from '../ingest/group.ts';
import type { Config } from './config.ts';

/** `socket`: where the unix socket is when the configuration names none; empty: none. */
export function sinkAddresses({ sink, recorder }: Config, socket: string): readonly ShardAddress[] {
  const { host, port, shardPort, tls } = sink;
  const path = sink.socket ?? socket;
  const isSharded = sink.shards ?? (recorder.workers > 1 || shardPort !== undefined);
  const shards = Array.from({ length: isSharded ? SHARDS : 1 }, (_, shard) => shard);
  const files = tls && { cert: tls.cert, key: tls.key, ...(tls.clientCa !== undefined && { clientCa: tls.clientCa }) };
  const tcp = (shard: number, at: number): ShardAddress => ({
    shard,
    address: { kind: 'tcp', host, port: at, ...(files && { tls: files }) },
  });
  const unix = (shard: number): ShardAddress => ({ shard, address: { kind: 'unix', path: shardPath(path, shard) } });
  return [
    tcp(0, port),
    ...(path === '' ? [] : shards.map(unix)),
    ...(shardPort === undefined ? [] : shards.map((shard) => tcp(shard, shardPort === 0 ? 0 : shardPort + shard))),
  ];
}
