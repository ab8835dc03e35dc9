/**
 * Builds what Envoy's external processor filter sends, with protobufjs over protos/ as an encoder that shares no code with src/.
 * Defaults are those of a recorder's configuration: observability mode, header values in raw_value.
 */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import type { Header } from '../../src/domain/exchange.ts';

const PROTOS = fileURLToPath(new URL('../../protos/', import.meta.url));

export const root = new protobuf.Root();
root.resolvePath = (_origin, target) =>
  target.startsWith('google/') || target.startsWith('/') ? target : `${PROTOS}${target}`;
root.loadSync(['external_processor.proto', 'header_map.proto', 'health.proto', 'access_log.proto']);

export const ProcessingRequest = root.lookupType('envoy.service.ext_proc.v3.ProcessingRequest');
export const ProcessingResponse = root.lookupType('envoy.service.ext_proc.v3.ProcessingResponse');

/** A record for short tests, a list where order or repeats matter. Values are Latin-1 text. */
export type HeadersLike = Readonly<Record<string, string>> | readonly Header[];
export type AttributeValue = string | number | boolean;

export interface MessageOptions {
  readonly endOfStream?: boolean;
  /** True unless said otherwise. */
  readonly observabilityMode?: boolean;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export function requestHeaders(headers: HeadersLike, options: MessageOptions = {}): Uint8Array {
  return build('requestHeaders', { headers: headerMap(headers), endOfStream: options.endOfStream ?? false }, options);
}

export function responseHeaders(headers: HeadersLike, options: MessageOptions = {}): Uint8Array {
  return build('responseHeaders', { headers: headerMap(headers), endOfStream: options.endOfStream ?? false }, options);
}

/** Text is sent as UTF-8. */
export function requestBody(body: string | Uint8Array, options: MessageOptions = {}): Uint8Array {
  return build('requestBody', { body: Buffer.from(body), endOfStream: options.endOfStream ?? false }, options);
}

export function responseBody(body: string | Uint8Array, options: MessageOptions = {}): Uint8Array {
  return build('responseBody', { body: Buffer.from(body), endOfStream: options.endOfStream ?? false }, options);
}

export function requestTrailers(headers: HeadersLike, options: MessageOptions = {}): Uint8Array {
  return build('requestTrailers', { trailers: headerMap(headers) }, options);
}

export function responseTrailers(headers: HeadersLike, options: MessageOptions = {}): Uint8Array {
  return build('responseTrailers', { trailers: headerMap(headers) }, options);
}

/** The name of the oneof member an answer carries, e.g. `requestHeaders`. */
export function replyKind(bytes: Uint8Array): string {
  const [kind] = Object.keys(ProcessingResponse.toObject(ProcessingResponse.decode(bytes)));
  return kind ?? 'none';
}

function build(part: string, value: object, options: MessageOptions): Uint8Array {
  const message = {
    [part]: value,
    observabilityMode: options.observabilityMode ?? true,
    ...(options.attributes === undefined
      ? {}
      : { attributes: { 'envoy.filters.http.ext_proc': struct(options.attributes) } }),
  };
  return Uint8Array.from(ProcessingRequest.encode(ProcessingRequest.fromObject(message)).finish());
}

function headerMap(headers: HeadersLike): object {
  const list = isList(headers) ? headers : Object.entries(headers).map(([name, value]) => ({ name, value }));
  return { headers: list.map(({ name, value }) => ({ key: name, rawValue: Buffer.from(value, 'latin1') })) };
}

function isList(headers: HeadersLike): headers is readonly Header[] {
  return Array.isArray(headers);
}

function struct(attributes: Readonly<Record<string, AttributeValue>>): object {
  return { fields: Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, structValue(value)])) };
}

function structValue(value: AttributeValue): object {
  if (typeof value === 'number') return { numberValue: value };
  return typeof value === 'boolean' ? { boolValue: value } : { stringValue: value };
}
