/**
 * A TCP connection made visible to an HTTP filter: tcp_proxy tunnels it as CONNECT into an internal listener of the same Envoy, whose
 * connection manager carries the capture filter, ends the CONNECT and sends the bytes on. Nothing waits for the sink.
 */
import { splitAuthority } from '../domain/authority.ts';
import { accessLog, INSTANCE_HEADER } from './access-log.ts';
import { envoyAddress } from './address.ts';
import { captureFilter } from './capture.ts';
import { httpProtocolOptions, internalCluster, originateTls, tcpCluster } from './cluster.ts';
import { connectRoute, HCM, router } from './http.ts';
import type { Parts } from './http.ts';
import type { CaptureOptions, TcpUpstream } from './options.ts';
import { extension } from './tree.ts';
import type { Fields } from './tree.ts';

/** Windows of the HTTP/2 inside Envoy: a stream may buffer little, all of them together must not block one another. */
const LOOP_WINDOWS = {
  initial_stream_window_size: 262_144,
  initial_connection_window_size: 2_147_483_647,
  max_concurrent_streams: 100_000,
};

/** What tcp_proxy says about the connection. These headers never reach the database. */
const TUNNEL_HEADERS = [
  ['x-loop-connection', '%CONNECTION_ID%'],
  ['x-loop-peer', '%DOWNSTREAM_REMOTE_ADDRESS%'],
  // The log of the tunnel cannot have it filled in otherwise; who is named in the configuration is certain, and this not read.
  [INSTANCE_HEADER, '%HOSTNAME%'],
] as const;

export function tcpLoop(options: CaptureOptions, upstream: TcpUpstream): Parts {
  const loop = loopName(upstream);
  return {
    listeners: [entryListener(upstream, loop), loopListener(options, upstream, loop)],
    clusters: [database(upstream), loopCluster(loop)],
  };
}

/** Postgres refuses TLS that begins without being asked for unless this is offered. https://www.postgresql.org/docs/17/protocol-flow.html#PROTOCOL-FLOW-SSL */
const ALPN: Readonly<Record<string, string>> = { postgres: 'postgresql' };

function database({ name, address, peer, protocol, tls }: TcpUpstream): Fields {
  const cluster = tcpCluster(name, address);
  if (tls === undefined) return cluster;
  return { ...cluster, transport_socket: originateTls(splitAuthority(peer, name, 0).name, tls, ALPN[protocol]) };
}

function loopName({ name }: TcpUpstream): string {
  return `tcp_loop_${name}`;
}

function entryListener({ name, listen, peer }: TcpUpstream, loop: string): Fields {
  const headers = TUNNEL_HEADERS.map(([key, value]) => ({
    header: { key, value },
    append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
  }));
  const proxy = extension('envoy.filters.network.tcp_proxy', 'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy', {
    stat_prefix: name,
    cluster: loop,
    idle_timeout: '0s',
    tunneling_config: { hostname: peer, headers_to_add: headers },
  });
  return { name, traffic_direction: 'OUTBOUND', address: envoyAddress(listen), filter_chains: [{ filters: [proxy] }] };
}

function loopListener(options: CaptureOptions, { name, peer, protocol }: TcpUpstream, loop: string): Fields {
  const route = { name, match: { connect_matcher: {} }, route: connectRoute(name) };
  const place = { direction: 'outbound', protocol } as const;
  const manager = extension('envoy.filters.network.http_connection_manager', HCM, {
    stat_prefix: loop,
    codec_type: 'HTTP2',
    stream_idle_timeout: '0s',
    http2_protocol_options: { allow_connect: true, ...LOOP_WINDOWS },
    route_config: { name: loop, virtual_hosts: [{ name, domains: [peer], routes: [route] }] },
    // The log of the tunnel tells which end broke it off; that of the listener in front does not.
    access_log: accessLog(options, place),
    // A connection that is older than the sink is never recorded. By these entries the sink knows that there is one.
    access_log_options: { access_log_flush_interval: '5s' },
    http_filters: [captureFilter(options, place), router()],
  });
  return {
    name: loop,
    traffic_direction: 'OUTBOUND',
    internal_listener: {},
    filter_chains: [{ name: loop, filters: [manager] }],
  };
}

function loopCluster(loop: string): Fields {
  const limits = { priority: 'DEFAULT', max_connections: 4096, max_pending_requests: 100_000, max_requests: 1_000_000 };
  return internalCluster(loop, {
    circuit_breakers: { thresholds: [limits] },
    typed_extension_protocol_options: httpProtocolOptions({
      explicit_http_config: { http2_protocol_options: LOOP_WINDOWS },
    }),
  });
}
