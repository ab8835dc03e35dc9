/**
 * The cluster of the sink. Its settings decide what a sink that is slow, stopped or gone can do to live traffic; each was measured
 * on Envoy 1.40 with the sink stopped under load.
 */
import { discoveryType, envoyAddress } from './address.ts';
import type { Address } from './address.ts';
import { httpProtocolOptions, loadAssignment } from './cluster.ts';
import type { Fields } from './tree.ts';

export const SINK_CLUSTER = 'loop_sink';

export function sinkCluster(sink: Address): Fields {
  return {
    name: SINK_CLUSTER,
    type: discoveryType(sink),
    connect_timeout: '0.25s',
    per_connection_buffer_limit_bytes: 1_048_576,
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
          // Also the write buffer of one recorded exchange, so what a stopped sink can make Envoy hold.
          initial_stream_window_size: 1_048_576,
          max_concurrent_streams: 10_000,
          connection_keepalive: { interval: '1s', timeout: '1s' },
        },
      },
    }),
    load_assignment: loadAssignment(SINK_CLUSTER, envoyAddress(sink)),
  };
}

function healthCheck(): Fields {
  return {
    timeout: '0.5s',
    interval: '1s',
    interval_jitter: '0.1s',
    no_traffic_interval: '1s',
    unhealthy_interval: '1s',
    unhealthy_threshold: 1,
    healthy_threshold: 1,
    grpc_health_check: {},
  };
}
