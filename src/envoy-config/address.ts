import { isIP } from 'node:net';
import { SHARDS, shardPath } from '../domain/shard.ts';
import { EnvoyConfigError } from './error.ts';
import type { Fields } from './tree.ts';

/** Where something listens: a socket address (host is an IP or a DNS name), or a unix socket. */
export type Address =
  | { readonly kind: 'socket'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export function socket(host: string, port: number): Address {
  return { kind: 'socket', host, port };
}

/** `unix:/run/loop/sink.sock`, `127.0.0.1:5678`, `[::1]:5678`, `loopd.loop:5678`. Throws EnvoyConfigError `bad-address`. */
export function parseAddress(text: string): Address {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) };
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    throw new EnvoyConfigError('bad-address', `"${text}" is no address`, 'Write host:port or unix:/path.');
  }
  return socket(host, port);
}

/** The shard's own, of a sink whose first shard listens at `address`. Throws EnvoyConfigError `bad-option`. */
export function shardAddress(address: Address, shard: number): Address {
  if (!Number.isInteger(shard) || shard < 0 || shard >= SHARDS)
    throw new EnvoyConfigError(
      'bad-option',
      `there is no shard ${String(shard)}`,
      `They are numbered from 0 to ${String(SHARDS - 1)}.`,
    );
  if (address.kind === 'unix') return { kind: 'unix', path: shardPath(address.path, shard) };
  const port = address.port + shard;
  if (port > 65_535)
    throw new EnvoyConfigError('bad-address', `there is no port ${String(port)}`, 'Give the port of the first shard.');
  return socket(address.host, port);
}

/** Envoy's core.v3.Address. */
export function envoyAddress(address: Address): Fields {
  if (address.kind === 'unix') return { pipe: { path: address.path } };
  return { socket_address: { address: address.host, port_value: address.port } };
}

/** How Envoy finds the endpoints of a cluster at this address: DNS names are resolved, again and again. */
export function discoveryType(address: Address): 'STATIC' | 'STRICT_DNS' {
  return address.kind === 'unix' || isIP(address.host) !== 0 ? 'STATIC' : 'STRICT_DNS';
}
