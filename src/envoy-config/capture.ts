/** The ext_proc filter that copies traffic to the sink: the same settings wherever it stands. */
import type { CaptureOptions } from './options.ts';
import { checkCarried } from './options.ts';
import { extension } from './tree.ts';
import type { Fields } from './tree.ts';
import { SINK_CLUSTER } from './sink.ts';
import { canHushSpans } from './version.ts';

const EXT_PROC = 'envoy.filters.http.ext_proc';
const EXT_PROC_V3 = 'envoy.extensions.filters.http.ext_proc.v3';

/** Sent with the first message of the request. */
const REQUEST_ATTRIBUTES = [
  'request.id',
  'request.time',
  'request.protocol',
  'connection.id',
  'source.address',
  'destination.address',
  'xds.listener_direction',
  'xds.route_name',
  'xds.cluster_name',
  'xds.node.id',
  'xds.node.cluster',
];

/** Sent with the first message of the response. The request's are there again: a local reply may be the first message of all. */
const RESPONSE_ATTRIBUTES = [
  'request.id',
  'request.time',
  'request.protocol',
  'request.method',
  'request.path',
  'request.host',
  'connection.id',
  'source.address',
  'response.code',
  'response.code_details',
  'response.flags',
  'upstream.address',
  'upstream.request_attempt_count',
  'upstream.transport_failure_reason',
  'xds.listener_direction',
  'xds.route_name',
  'xds.cluster_name',
  'xds.node.id',
  'xds.node.cluster',
];

export interface Place {
  readonly direction: 'inbound' | 'outbound';
  /** `http`, or the protocol inside a TCP tunnel. */
  readonly protocol: string;
}

export function captureFilter(options: CaptureOptions, place: Place): Fields {
  return extProc(options, {
    stat_prefix: place.protocol === 'http' ? `loop_${place.direction}` : `loop_${place.protocol}`,
    metadata: [...callMetadata(options, place), ...carriedMetadata(options, place)],
    processing_mode: {
      request_header_mode: 'SEND',
      request_body_mode: 'STREAMED',
      request_trailer_mode: 'SEND',
      response_header_mode: 'SEND',
      response_body_mode: 'STREAMED',
      response_trailer_mode: 'SEND',
    },
    request_attributes: REQUEST_ATTRIBUTES,
    response_attributes: RESPONSE_ATTRIBUTES,
  });
}

export interface Capture {
  readonly stat_prefix: string;
  readonly metadata: ReturnType<typeof callMetadata>;
  readonly processing_mode: Fields;
  readonly request_attributes: readonly string[];
  readonly response_attributes: readonly string[];
}

/** The filter as it is everywhere: it never stands in the way. */
export function extProc({ envoyVersion }: CaptureOptions, { stat_prefix, metadata, ...what }: Capture): Fields {
  return extension(EXT_PROC, `${EXT_PROC_V3}.ExternalProcessor`, {
    stat_prefix,
    grpc_service: { envoy_grpc: { cluster_name: SINK_CLUSTER }, initial_metadata: metadata },
    observability_mode: true,
    // Needed in observability mode too: without it a sink that is gone answers requests with 500.
    failure_mode_allow: true,
    // Each recorded exchange holds a gRPC stream this long after its end.
    deferred_close_timeout: '1s',
    emit_client_span: canHushSpans(envoyVersion) ? false : undefined,
    ...what,
  });
}

/** Switches the filter off for one route. */
export function notCaptured(): Fields {
  return { [EXT_PROC]: { '@type': `type.googleapis.com/${EXT_PROC_V3}.ExtProcPerRoute`, disabled: true } };
}

/** Who speaks, in each call to the sink. */
export function callMetadata(
  { speaker }: CaptureOptions,
  { direction, protocol }: Place,
): readonly { readonly key: string; readonly value: string }[] {
  const pairs: [string, string][] = [
    ['x-loop-service', literal(speaker.service)],
    ['x-loop-instance', speaker.instance === undefined ? '%HOSTNAME%' : literal(speaker.instance)],
  ];
  if (speaker.version !== undefined) pairs.push(['x-loop-version', literal(speaker.version)]);
  pairs.push(['x-loop-direction', direction], ['x-loop-protocol', literal(protocol)]);
  return pairs.map(([key, value]) => ({ key, value }));
}

/** Envoy has them from its own process: the sidecar's container must have the same variables. Each request tells them once, where it comes in. */
function carriedMetadata({ speaker }: CaptureOptions, { direction }: Place): ReturnType<typeof callMetadata> {
  checkCarried(speaker);
  const names = direction === 'inbound' ? (speaker.environment ?? []) : [];
  return names.map((name, index) => ({ key: `x-loop-env-${index}`, value: `${name}=%ENVIRONMENT(${name})%` }));
}

/** Envoy formats metadata values: a percent sign is doubled to stay one. */
function literal(value: string): string {
  return value.replaceAll('%', '%%');
}
