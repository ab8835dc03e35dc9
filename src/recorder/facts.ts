import { isGrpc, parseGrpcStatus } from '../domain/grpc.ts';
import { parseGrpcTimeout } from '../domain/grpc-timeout.ts';
import type { EndReason } from '../domain/segment.ts';
import { isEventStream, isUpgrade } from '../verdict/facts.ts';
import type { ExchangeFacts } from '../verdict/facts.ts';
import { flagNames } from '../wire/extproc/flags.ts';
import { brokeOffAt } from '../wire/extproc/end.ts';
import { failureAtEnd } from '../domain/websocket.ts';
import {
  Attribute,
  hasAttributes,
  headerIs,
  headersIn,
  headerText,
  Named,
  numberOf,
  streamingType,
} from '../wire/extproc/scanned-head.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';

/** The facts of one exchange as they come in; what the rules read. */
export type NotedFacts = { -readonly [Name in keyof ExchangeFacts]: ExchangeFacts[Name] } & {
  /** The request is a CONNECT. */
  connect: boolean;
  /** The answer is gRPC: its trailers are worth a look. */
  grpc: boolean;
  /** Envoy only shows what passes, and waits for no reply. */
  observed: boolean;
  /** A message of it came. */
  seen: boolean;
  /** How long it took, as the access log has it. */
  loggedMs: number | undefined;
};

const NO_FLAGS: readonly string[] = [];

export function noFacts(): NotedFacts {
  return {
    status: undefined,
    code: undefined,
    grpcStatus: undefined,
    flags: NO_FLAGS,
    logged: undefined,
    requestComplete: false,
    responseComplete: false,
    eventStream: false,
    upgraded: false,
    closeCode: undefined,
    connect: false,
    grpc: false,
    observed: false,
    seen: false,
    loggedMs: undefined,
    durationMs: undefined,
    brokeOffMs: undefined,
    deadlineMs: undefined,
    end: 'open',
  };
}

export function noteMessage(facts: NotedFacts, bytes: Uint8Array, scanned: ScannedMessage): void {
  facts.observed = scanned.observabilityMode;
  if (scanned.part === Part.requestHeaders) noteRequest(facts, bytes, scanned);
  else if (scanned.part === Part.responseHeaders) noteResponse(facts, bytes, scanned);
  else if (scanned.part === Part.responseTrailers && facts.grpc) noteGrpcStatus(facts, bytes, scanned);
  else if (scanned.part === Part.responseBody && facts.upgraded && scanned.valueEnd > scanned.valueStart)
    facts.closeCode = failureAtEnd(bytes, scanned.valueStart, scanned.valueEnd);
  if (!scanned.endOfStream) return;
  if (isRequestPart(scanned.part)) facts.requestComplete = true;
  else facts.responseComplete = true;
}

/** Its call ended, so long after it began; undefined where it had none. */
export function noteEnd(facts: NotedFacts, reason: EndReason, afterMs?: number): void {
  facts.end = reason;
  if (afterMs !== undefined) facts.brokeOffMs = brokeOffAt(afterMs, facts.observed);
}

export function isRequestPart(part: Part): boolean {
  return part === Part.requestHeaders || part === Part.requestBody || part === Part.requestTrailers;
}

export function isBodyPart(part: Part): boolean {
  return part === Part.requestBody || part === Part.responseBody;
}

function noteRequest(facts: NotedFacts, bytes: Uint8Array, scanned: ScannedMessage): void {
  facts.connect = headerIs(bytes, scanned, Named.method, 'CONNECT');
  const contentType = streamingType(bytes, scanned);
  const timeout = contentType !== '' && isGrpc(contentType) ? headerText(bytes, scanned, Named.grpcTimeout) : undefined;
  facts.deadlineMs = timeout === undefined ? undefined : parseGrpcTimeout(timeout);
}

function noteResponse(facts: NotedFacts, bytes: Uint8Array, scanned: ScannedMessage): void {
  facts.status = statusIn(bytes, scanned);
  facts.upgraded = isUpgrade(facts.status, facts.connect ? 'CONNECT' : '');
  const contentType = streamingType(bytes, scanned);
  facts.eventStream = contentType !== '' && isEventStream(contentType);
  facts.grpc = contentType !== '' && isGrpc(contentType);
  if (facts.grpc) noteGrpcStatus(facts, bytes, scanned);
  if (!hasAttributes(scanned)) return;
  facts.code = numberOf(bytes, scanned, Attribute.code);
  const flags = numberOf(bytes, scanned, Attribute.flags) ?? 0;
  facts.flags = flags === 0 ? NO_FLAGS : flagNames(flags);
}

/** Trailers come last and count before headers. */
function noteGrpcStatus(facts: NotedFacts, bytes: Uint8Array, scanned: ScannedMessage): void {
  const text = headerText(bytes, scanned, Named.grpcStatus);
  if (text !== undefined) facts.grpcStatus = parseGrpcStatus(text);
}

/** `:status` as a number; undefined for anything but three digits, of which the first is no 0. */
export function statusIn(bytes: Uint8Array, scanned: ScannedMessage): number | undefined {
  const headers = headersIn(bytes, scanned);
  const start = headers.start(Named.status);
  if (start < 0 || headers.end(Named.status) - start !== 3) return undefined;
  const hundreds = digitAt(bytes, start);
  const tens = digitAt(bytes, start + 1);
  const ones = digitAt(bytes, start + 2);
  return hundreds < 1 || tens < 0 || ones < 0 ? undefined : hundreds * 100 + tens * 10 + ones;
}

/** -1 for what is none. */
function digitAt(bytes: Uint8Array, at: number): number {
  const digit = (bytes[at] ?? 0) - 0x30;
  return digit >= 0 && digit <= 9 ? digit : -1;
}
