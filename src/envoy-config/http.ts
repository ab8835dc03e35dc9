/** HTTP listeners: inbound to the application, outbound as its explicit proxy. */
import { accessLog } from './access-log.ts';
import { envoyAddress } from './address.ts';
import { attemptFilters } from './attempts.ts';
import { captureFilter, notCaptured } from './capture.ts';
import type { Place } from './capture.ts';
import { httpCluster, internalCluster, originateTls } from './cluster.ts';
import type { CaptureOptions, HttpUpstream, SidecarOptions } from './options.ts';
import { extension } from './tree.ts';
import type { Fields } from './tree.ts';

const LOCAL_APP = 'local_app';
const TUNNELLED = 'outbound_tunnelled';
const INBOUND: Place = { direction: 'inbound', protocol: 'http' };
const OUTBOUND: Place = { direction: 'outbound', protocol: 'http' };

/** Listeners with the clusters they lead to. */
export interface Parts {
  readonly listeners: readonly Fields[];
  readonly clusters: readonly Fields[];
}

export function inbound(options: SidecarOptions): Parts {
  const route = { name: 'app', match: { prefix: '/' }, route: { cluster: LOCAL_APP, timeout: '0s' } };
  const manager = connectionManager('inbound', {
    upgrade_configs: [{ upgrade_type: 'websocket' }],
    access_log: accessLog(options, INBOUND),
    route_config: { name: 'inbound', virtual_hosts: [{ name: 'app', domains: ['*'], routes: [route] }] },
    // Your own filters (jwt_authn, rbac, lua …) belong in front: then the recording holds what the application received.
    http_filters: [captureFilter(options, INBOUND), router()],
  });
  const listener = {
    name: 'inbound',
    traffic_direction: 'INBOUND',
    address: envoyAddress(options.inbound.listen),
    filter_chains: [{ name: 'inbound_http', filters: [manager] }],
  };
  return { listeners: [listener], clusters: [httpCluster(LOCAL_APP, options.inbound.app)] };
}

export function outbound(options: SidecarOptions): Parts {
  if (options.outbound === undefined) return { listeners: [], clusters: [] };
  const { listen, upstreams } = options.outbound;
  const behindRouter = options.attempts === true ? attemptFilters(options) : undefined;
  const chain = { name: 'outbound_http', filters: [outboundManager(options, upstreams)] };
  const listener = (name: string, place: Fields) => ({
    name,
    traffic_direction: 'OUTBOUND',
    ...place,
    filter_chains: [chain],
  });
  return {
    // The second is the inside of `CONNECT host:80`, which some clients (fetch in Node) send to a proxy even for plain http.
    listeners: [
      listener('outbound', { address: envoyAddress(listen) }),
      listener(TUNNELLED, { internal_listener: {} }),
    ],
    clusters: [...upstreams.map((upstream) => upstreamCluster(upstream, behindRouter)), internalCluster(TUNNELLED)],
  };
}

function upstreamCluster({ name, hosts, address, tls }: HttpUpstream, filters: readonly Fields[] | undefined): Fields {
  const cluster = httpCluster(name, address, filters);
  const [host = name] = hosts;
  return tls === undefined ? cluster : { ...cluster, transport_socket: originateTls(host, tls) };
}

function outboundManager(options: CaptureOptions, upstreams: readonly HttpUpstream[]): Fields {
  return connectionManager('outbound', {
    http2_protocol_options: { allow_connect: true },
    upgrade_configs: [{ upgrade_type: 'websocket' }, { upgrade_type: 'CONNECT' }],
    access_log: accessLog(options, OUTBOUND, true),
    route_config: { name: 'outbound', virtual_hosts: upstreams.map(virtualHost) },
    // First: the recording holds what the application sent and what it got.
    http_filters: [captureFilter(options, OUTBOUND), router()],
  });
}

function virtualHost({ name, hosts, timeoutSeconds }: HttpUpstream): Fields {
  const timeout = timeoutSeconds === undefined ? undefined : `${String(timeoutSeconds)}s`;
  return {
    name,
    domains: hosts.flatMap((host) => [host, `${host}:*`]),
    routes: [
      {
        name: 'tunnel',
        match: { connect_matcher: {} },
        route: connectRoute(TUNNELLED),
        typed_per_filter_config: notCaptured(),
      },
      { name, match: { prefix: '/' }, route: { cluster: name, timeout } },
    ],
  };
}

/** A route that ends a CONNECT here and sends its bytes on. */
export function connectRoute(cluster: string): Fields {
  return {
    cluster,
    timeout: '0s',
    idle_timeout: '0s',
    upgrade_configs: [{ upgrade_type: 'CONNECT', connect_config: {} }],
  };
}

function connectionManager(name: string, fields: Fields): Fields {
  return extension('envoy.filters.network.http_connection_manager', HCM, {
    stat_prefix: name,
    codec_type: 'AUTO',
    // A caller's x-request-id is one of the keys by which hops are joined.
    preserve_external_request_id: true,
    http_protocol_options: { enable_trailers: true },
    ...fields,
  });
}

export const HCM = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

export function router(): Fields {
  return extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router');
}
