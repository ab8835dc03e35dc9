/** Builds what Envoy's gRPC access logger sends, with protobufjs over protos/ as an encoder that shares no code with src/. */
import { root } from './extproc.ts';

const Message = root.lookupType('envoy.service.accesslog.v3.StreamAccessLogsMessage');
const Entry = root.lookupType('envoy.data.accesslog.v3.HTTPAccessLogEntry');

/** Flags under their names in protos/access_log_entry.proto, in camel case. */
export interface EntryOptions {
  readonly requestId?: string;
  /** Unix microseconds. */
  readonly startMicros?: number;
  readonly remote?: { readonly address: string; readonly port: number } | { readonly listener: string };
  readonly durationMs?: number;
  readonly flags?: readonly string[];
  readonly code?: number;
  readonly details?: string;
  readonly method?: string;
  readonly path?: string;
  readonly authority?: string;
  readonly attempts?: number;
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseTrailers?: Readonly<Record<string, string>>;
  readonly common?: Readonly<Record<string, unknown>>;
}

export const CLIENT = { address: '10.0.0.9', port: 51_234 };

export function logEntry(options: EntryOptions = {}): Uint8Array {
  const { startMicros = 0, durationMs = 0, remote = CLIENT, code, flags = [] } = options;
  const common = {
    downstreamRemoteAddress: addressOf(remote),
    startTime: { seconds: Math.floor(startMicros / 1e6), nanos: (startMicros % 1e6) * 1000 },
    duration: { seconds: Math.floor(durationMs / 1000), nanos: Math.round((durationMs % 1000) * 1e6) },
    responseFlags: Object.fromEntries(flags.map((name) => [name, true])),
    upstreamRequestAttemptCount: options.attempts ?? 1,
    streamId: options.requestId ?? '',
    accessLogType: 'DownstreamEnd',
    ...options.common,
  };
  const entry = {
    commonProperties: common,
    protocolVersion: 'HTTP11',
    request: {
      requestMethod: options.method ?? 'GET',
      scheme: 'http',
      authority: options.authority ?? 'peer',
      path: options.path ?? '/',
      requestId: options.requestId ?? '',
      requestHeaders: options.requestHeaders ?? {},
    },
    response: {
      ...(code !== undefined && { responseCode: { value: code } }),
      responseHeaders: options.responseHeaders ?? {},
      responseTrailers: options.responseTrailers ?? {},
      responseCodeDetails: options.details ?? '',
    },
  };
  return Uint8Array.from(Entry.encode(Entry.fromObject(entry)).finish());
}

export function logMessage(
  entries: readonly Uint8Array[],
  node?: { readonly id: string; readonly cluster: string },
): Uint8Array {
  const message = {
    ...(node && { identifier: { node, logName: 'loop_inbound' } }),
    httpLogs: { logEntry: entries.map((bytes) => Entry.toObject(Entry.decode(bytes))) },
  };
  return Uint8Array.from(Message.encode(Message.fromObject(message)).finish());
}

/** ext_proc's attribute `request.time` for the same moment. */
export function requestTime(micros: number): string {
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19);
  const fraction = String(micros % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}+00:00`;
}

function addressOf(remote: NonNullable<EntryOptions['remote']>): object {
  if ('listener' in remote) return { envoyInternalAddress: { serverListenerName: remote.listener } };
  return { socketAddress: { address: remote.address, portValue: remote.port } };
}
