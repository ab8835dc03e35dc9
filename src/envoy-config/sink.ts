/**
 * The cluster of the sink. Its settings decide what a sink that is slow, stopped or gone can do to live traffic. Measured on Envoy 1.40 at 100
 * requests a second, one in ten with 3 MB, the sink stopped for 6 s: no error, and no answer more than 0.2 s late. With windows of 1 MiB it was
 * 1.5 s; without health check and keepalive, as long as the sink stood still.
 */
import { discoveryType, envoyAddress } from './address.ts';
import type { Address } from './address.ts';
import { httpProtocolOptions, loadAssignment, originateTls } from './cluster.ts';
import { EnvoyConfigError } from './error.ts';
import type { CaptureOptions, SinkTls } from './options.ts';
import type { Fields } from './tree.ts';

export const SINK_CLUSTER = 'loop_sink';

/**
 * What Envoy holds for the sink before it slows the traffic: bytes of one recorded exchange (the window size is its watermark too), and of
 * all that share a connection. The memory a stopped sink costs, until the probes below have it bypassed.
 */
const EXCHANGE_BUFFER = 16 * 1_048_576;
const CONNECTION_BUFFER = 64 * 1_048_576;

/** A handshake is within this time, too: on a loaded machine two round trips and two signatures took longer than the connection alone may. */
const CONNECT_TIMEOUT = { plain: '0.25s', tls: '1s' } as const;

export function sinkCluster({ sink, sinkTls }: Pick<CaptureOptions, 'sink' | 'sinkTls'>): Fields {
  return {
    name: SINK_CLUSTER,
    type: discoveryType(sink),
    connect_timeout: sinkTls === undefined ? CONNECT_TIMEOUT.plain : CONNECT_TIMEOUT.tls,
    transport_socket: sinkTls && originateTls(nameOf(sink, sinkTls), sinkTls, 'h2', sinkTls.own),
    per_connection_buffer_limit_bytes: CONNECTION_BUFFER,
    // max_requests counts recorded exchanges in flight, 1 s of linger included; the default of 1,024 is soon reached.
    circuit_breakers: {
      thresholds: [
        {
          priority: 'DEFAULT',
          max_connections: 4096,
          max_pending_requests: 100_000,
          max_requests: 1_000_000,
          track_remaining: true,
        },
      ],
    },
    // An unhealthy sink is bypassed at once instead of being used in panic, and the calls that wait for it are let go.
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    close_connections_on_host_health_failure: true,
    health_checks: [healthCheck()],
    typed_extension_protocol_options: httpProtocolOptions({
      explicit_http_config: {
        http2_protocol_options: {
          initial_stream_window_size: EXCHANGE_BUFFER,
          max_concurrent_streams: 10_000,
          connection_keepalive: { interval: '1s', timeout: '2s' },
        },
      },
    }),
    load_assignment: loadAssignment(SINK_CLUSTER, envoyAddress(sink)),
  };
}

function nameOf(sink: Address, { name }: SinkTls): string {
  if (name !== undefined) return name;
  if (sink.kind === 'socket') return sink.host;
  throw new EnvoyConfigError(
    'bad-option',
    'A unix socket has no name to look for in a certificate',
    'loopd speaks TLS on its ports only.',
  );
}

/**
 * Faster probes bypass a stopped sink sooner, and lose recordings at every pause of a healthy one: of 800 exchanges during which the sink stood
 * still four times for 0.7 s, 206 and 346 went unrecorded with a timeout of 0.5 s, and none with this one.
 */
function healthCheck(): Fields {
  return {
    timeout: '1s',
    interval: '1s',
    interval_jitter: '0.1s',
    no_traffic_interval: '1s',
    unhealthy_interval: '1s',
    unhealthy_threshold: 1,
    healthy_threshold: 1,
    grpc_health_check: {},
  };
}
