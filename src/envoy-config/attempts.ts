/**
 * Each try of a call that Envoy's router may repeat, seen by a filter behind it. The filter in the chain of the listener sees the request once
 * and the last answer; of the tries before it only their number is known there.
 */
import { callMetadata, extProc } from './capture.ts';
import type { CaptureOptions } from './options.ts';
import { extension } from './tree.ts';
import type { Fields } from './tree.ts';

/** What an exchange and its attempts have in common, which of them it is, and where it went. */
const REQUEST_ATTRIBUTES = [
  'request.id',
  'request.time',
  'request.protocol',
  'source.address',
  'upstream.address',
  'upstream.request_attempt_count',
  'xds.cluster_name',
];

/**
 * Value of `http_filters` in a cluster's HttpProtocolOptions. Only headers: a body sent again is the exchange's own, and Envoy throws away
 * the body of an answer that it does not pass on.
 */
export function attemptFilters(options: CaptureOptions): readonly Fields[] {
  const metadata = [
    ...callMetadata(options, { direction: 'outbound', protocol: 'http' }),
    { key: 'x-loop-role', value: 'attempt' },
  ];
  const capture = extProc(options, {
    stat_prefix: 'loop_attempt',
    metadata,
    processing_mode: {
      request_header_mode: 'SEND',
      request_body_mode: 'NONE',
      request_trailer_mode: 'SKIP',
      response_header_mode: 'SEND',
      response_body_mode: 'NONE',
      response_trailer_mode: 'SKIP',
    },
    request_attributes: REQUEST_ATTRIBUTES,
    response_attributes: ['upstream.address'],
  });
  return [capture, extension('envoy.filters.http.upstream_codec', UPSTREAM_CODEC)];
}

const UPSTREAM_CODEC = 'envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec';
