/** The access log that goes to the sink: how each exchange ended, which no filter sees. */
import { callMetadata } from './capture.ts';
import type { Place } from './capture.ts';
import type { CaptureOptions } from './options.ts';
import { SINK_CLUSTER } from './sink.ts';
import { extension } from './tree.ts';
import type { Fields } from './tree.ts';

/** By these an exchange that the filter did not see still joins its transaction. */
const TRACE_HEADERS = ['traceparent', 'b3', 'x-b3-traceid', 'x-b3-spanid'];
/** And by these it is judged. */
const GRPC_STATUS = ['grpc-status', 'grpc-message'];

/** Said of a tunnel by who opens it: the name that Envoy would fill in, where no instance is named. */
export const INSTANCE_HEADER = 'x-loop-instance';

/**
 * Value of a connection manager's `access_log`. A connection that is tunnelled to be captured inside has no exchange of its own at the
 * listener it came to, so `tunnels` leaves CONNECT out.
 */
export function accessLog(options: CaptureOptions, place: Place, tunnels = false): readonly Fields[] {
  const logger = extension('envoy.access_loggers.http_grpc', `${GRPC_LOG_V3}.HttpGrpcAccessLogConfig`, {
    common_config: {
      log_name: `loop_${place.protocol === 'http' ? place.direction : place.protocol}`,
      transport_api_version: 'V3',
      grpc_service: {
        envoy_grpc: { cluster_name: SINK_CLUSTER },
        // As in the filter, but that no format is filled in here: without a name for the instance the exchanges tell it.
        initial_metadata: callMetadata(options, place).filter(({ value }) => value !== '%HOSTNAME%'),
      },
      // The recorder decides a second after the end of an exchange.
      buffer_flush_interval: '0.25s',
    },
    additional_request_headers_to_log: place.protocol === 'http' ? TRACE_HEADERS : [...TRACE_HEADERS, INSTANCE_HEADER],
    additional_response_headers_to_log: ['content-type', ...GRPC_STATUS],
    additional_response_trailers_to_log: GRPC_STATUS,
  });
  return [tunnels ? { ...logger, filter: { header_filter: { header: NO_CONNECT } } } : logger];
}

const GRPC_LOG_V3 = 'envoy.extensions.access_loggers.grpc.v3';
const NO_CONNECT = { name: ':method', string_match: { exact: 'CONNECT' }, invert_match: true };
