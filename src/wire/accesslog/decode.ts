import type { Header } from '../../domain/exchange.ts';
import { FieldWalk } from '../protobuf/fields.ts';
import { readAddress } from './address.ts';
import { CommonField, EntryField, RequestField, ResponseField } from './fields.ts';
import { readHeaders } from './headers.ts';
import { createScannedEntry, scanEntry } from './scan.ts';
import type { EntryFault } from './scan.ts';

/** One HTTPAccessLogEntry, decoded. */
export interface LogEntry {
  /** Envoy's clock, Unix ms. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** As the attribute `response.flags`, but final. */
  readonly flags: number;
  /** Undefined when there was no answer. */
  readonly code?: number;
  /**
   * Under the names ext_proc has for the same (`request.path`, `response.code_details`, `upstream.address`, …), and
   * `connection.termination_details`. What is empty is left out.
   */
  readonly attributes: Readonly<Record<string, string>>;
  /** Those the logger was told to add. */
  readonly requestHeaders: readonly Header[];
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
}

const METHODS = ['', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'] as const;
const PROTOCOLS = ['', 'HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'HTTP/3'] as const;

/** Fields of AccessLogCommon and of the response that are text, an address or a number, by the name of the attribute. */
const COMMON: ReadonlyMap<number, readonly [name: string, kind: 'text' | 'address']> = new Map([
  [CommonField.remote, ['source.address', 'address']],
  [CommonField.local, ['destination.address', 'address']],
  [CommonField.upstream, ['upstream.address', 'address']],
  [CommonField.cluster, ['xds.cluster_name', 'text']],
  [CommonField.route, ['xds.route_name', 'text']],
  [CommonField.failureReason, ['upstream.transport_failure_reason', 'text']],
  [CommonField.termination, ['connection.termination_details', 'text']],
  [CommonField.streamId, ['request.id', 'text']],
] as const);
const REQUEST: ReadonlyMap<number, string> = new Map([
  [RequestField.authority, 'request.host'],
  [RequestField.path, 'request.path'],
]);

const entry = new FieldWalk();
const inner = new FieldWalk();
const utf8 = new TextDecoder();

export function decodeEntry(bytes: Uint8Array): LogEntry | EntryFault {
  const scanned = scanEntry(bytes, createScannedEntry());
  if ('fault' in scanned) return scanned;
  const { requestStart, requestEnd, responseStart, responseEnd, code, flags } = scanned;
  const pairs: [string, string][] = [
    ...protocolOf(bytes),
    ...commonPairs(bytes),
    ...requestPairs(bytes, requestStart, requestEnd),
    ...textPairs(bytes, responseStart, responseEnd, new Map([[ResponseField.details, 'response.code_details']])),
    ...(code > 0 ? ([['response.code', String(code)]] satisfies [string, string][]) : []),
    ['response.flags', String(flags)],
  ];
  return {
    startedAt: scanned.startMicros / 1000,
    durationMs: scanned.durationMs,
    flags,
    ...(code > 0 && { code }),
    attributes: Object.fromEntries(pairs.filter(([, value]) => value !== '')),
    requestHeaders: readHeaders(bytes, requestStart, requestEnd, RequestField.headers),
    responseHeaders: readHeaders(bytes, responseStart, responseEnd, ResponseField.headers),
    responseTrailers: readHeaders(bytes, responseStart, responseEnd, ResponseField.trailers),
  };
}

function protocolOf(bytes: Uint8Array): readonly [string, string][] {
  const pairs: [string, string][] = [];
  entry.over(bytes, 0, bytes.length);
  while (entry.next())
    if (entry.isVarint(EntryField.protocol)) pairs.push(['request.protocol', PROTOCOLS[entry.value] ?? '']);
  return pairs;
}

function commonPairs(bytes: Uint8Array): readonly [string, string][] {
  const pairs: [string, string][] = [];
  entry.over(bytes, 0, bytes.length);
  while (entry.next()) {
    if (!entry.isBytes(EntryField.common)) continue;
    inner.over(bytes, entry.start, entry.end);
    while (inner.next()) {
      const known = COMMON.get(inner.field);
      if (inner.isVarint(CommonField.attempts)) pairs.push(['upstream.request_attempt_count', String(inner.value)]);
      else if (known !== undefined && inner.isBytes(inner.field)) pairs.push([known[0], valueOf(bytes, known[1])]);
    }
  }
  return pairs;
}

function valueOf(bytes: Uint8Array, kind: 'text' | 'address'): string {
  if (kind === 'address') return readAddress(bytes, inner.start, inner.end);
  return utf8.decode(bytes.subarray(inner.start, inner.end));
}

function requestPairs(bytes: Uint8Array, start: number, end: number): readonly [string, string][] {
  const pairs: [string, string][] = [...textPairs(bytes, start, end, REQUEST)];
  inner.over(bytes, start, end);
  while (inner.next())
    if (inner.isVarint(RequestField.method)) pairs.push(['request.method', METHODS[inner.value] ?? '']);
  return pairs;
}

function textPairs(
  bytes: Uint8Array,
  start: number,
  end: number,
  names: ReadonlyMap<number, string>,
): readonly [string, string][] {
  const pairs: [string, string][] = [];
  inner.over(bytes, start, end);
  while (inner.next()) {
    const name = names.get(inner.field);
    if (name !== undefined && inner.isBytes(inner.field))
      pairs.push([name, utf8.decode(bytes.subarray(inner.start, inner.end))]);
  }
  return pairs;
}
