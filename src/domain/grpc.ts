/** What of gRPC everybody knows: how an answer says its status, and what the codes are called. https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md */
import type { Header, Message } from './exchange.ts';
import { header } from './exchange.ts';

/** By code. https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
const NAMES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** What clients make of a status that is no number they know. */
export const GRPC_UNKNOWN = 2;

export const GRPC_DEADLINE_EXCEEDED = 4;

/** `INTERNAL` for 13. Clients treat a code without a name as UNKNOWN. */
export function grpcStatusName(code: number): string {
  return NAMES[code] ?? 'UNKNOWN';
}

/** `application/grpc`, `application/grpc+proto`, …; not grpc-web, which has its trailers in the body. */
export function isGrpc(contentType: string | undefined): boolean {
  return /^application\/grpc(?:\+|;|\s|$)/i.test(contentType ?? '');
}

/** 13 for `INTERNAL`; undefined for what is no name. */
export function grpcStatusCode(name: string): number | undefined {
  const code = NAMES.indexOf(name);
  return code < 0 ? undefined : code;
}

/** The value of `grpc-status` as a number; what is none counts as UNKNOWN, as it does for clients. */
export function parseGrpcStatus(text: string): number {
  return /^\d{1,4}$/.test(text.trim()) ? Number(text) : GRPC_UNKNOWN;
}

/** Where an answer says its status: its trailers, or its headers when it has no other part (trailers-only). */
function statusHeaders({ headers, trailers }: Pick<Message, 'headers' | 'trailers'>): readonly Header[] {
  return header(trailers, 'grpc-status') === undefined ? headers : trailers;
}

/** Status of a gRPC answer; undefined for an answer in another protocol and for one that broke off before it said one. */
export function grpcStatusOf(response: Pick<Message, 'headers' | 'trailers'>): number | undefined {
  if (!isGrpc(header(response.headers, 'content-type'))) return undefined;
  const text = header(statusHeaders(response), 'grpc-status');
  return text === undefined ? undefined : parseGrpcStatus(text);
}

/** `grpc-message` as it was on the wire, percent-encoded. */
export function rawGrpcMessageOf(response: Pick<Message, 'headers' | 'trailers'>): string | undefined {
  return header(statusHeaders(response), 'grpc-message');
}

const REFLECTION = /^\/grpc\.reflection\.v1(?:alpha)?\.ServerReflection\/ServerReflectionInfo$/;

/** Asks a server for its descriptors. https://github.com/grpc/grpc/blob/master/doc/server-reflection.md */
export function isReflection(path: string): boolean {
  return REFLECTION.test(path);
}
