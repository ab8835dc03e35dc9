/** What a sink serves: https://github.com/envoyproxy/envoy/tree/main/api/envoy/service, protos/health.proto. */
import type { Header } from '../domain/exchange.ts';
import { METADATA_BYTES } from './limits.ts';
import type { CallKind } from './transport.ts';

export const PATHS: Readonly<Record<CallKind, string>> = {
  exchange: '/envoy.service.ext_proc.v3.ExternalProcessor/Process',
  log: '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs',
};

/** Envoy's active health check asks this before it sends a call. */
export const HEALTH_CHECK = '/grpc.health.v1.Health/Check';

/** HealthCheckResponse {status}: SERVING = 1, NOT_SERVING = 2. */
export const HEALTH = { serving: Uint8Array.of(0x08, 0x01), notServing: Uint8Array.of(0x08, 0x02) } as const;

/** Not part of a call's metadata: what gRPC itself says with them. */
const PROTOCOL_HEADERS = new Set(['te', 'content-type', 'grpc-timeout', 'grpc-encoding', 'grpc-accept-encoding']);

/** What a caller added to what HTTP and gRPC need. */
export function metadataOf(headers: readonly Header[]): readonly Header[] {
  return headers.filter(({ name }) => !name.startsWith(':') && !PROTOCOL_HEADERS.has(name));
}

/** More metadata than METADATA_BYTES. */
export function isTooMuch(metadata: readonly Header[]): boolean {
  let bytes = 0;
  for (const { name, value } of metadata) bytes += name.length + value.length;
  return bytes > METADATA_BYTES;
}
