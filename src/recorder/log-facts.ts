import { isGrpc, parseGrpcStatus } from '../domain/grpc.ts';
import type { Header } from '../domain/exchange.ts';
import { header } from '../domain/exchange.ts';
import type { TransactionKey } from '../domain/ids.ts';
import { isEventStream, isUpgrade } from '../verdict/facts.ts';
import { RequestField, ResponseField } from '../wire/accesslog/fields.ts';
import { readHeaders } from '../wire/accesslog/headers.ts';
import { requestIdOf } from '../wire/accesslog/scan.ts';
import type { ScannedEntry } from '../wire/accesslog/scanned.ts';
import { flagNames } from '../wire/extproc/flags.ts';
import { transactionKeys } from '../wire/tracecontext/identity.ts';
import type { NotedFacts } from './facts.ts';

const CONNECT = 6;

/** What the access log says of an exchange: its flags are final, its answer counts where the filter saw none. */
export function noteLog(facts: NotedFacts, bytes: Uint8Array, scanned: ScannedEntry): void {
  facts.logged = true;
  facts.flags = flagNames(scanned.flags);
  if (scanned.code === 0) return;
  facts.code ??= scanned.code;
  if (facts.status === undefined) noteAnswer(facts, bytes, scanned);
}

function noteAnswer(facts: NotedFacts, bytes: Uint8Array, scanned: ScannedEntry): void {
  const { responseStart, responseEnd } = scanned;
  const headers = readHeaders(bytes, responseStart, responseEnd, ResponseField.headers);
  const trailers = readHeaders(bytes, responseStart, responseEnd, ResponseField.trailers);
  const contentType = header(headers, 'content-type') ?? '';
  facts.status = scanned.code;
  facts.upgraded = isUpgrade(scanned.code, facts.connect || scanned.method === CONNECT ? 'CONNECT' : '');
  facts.eventStream = isEventStream(contentType);
  const grpcStatus = header(trailers, 'grpc-status') ?? header(headers, 'grpc-status');
  if (isGrpc(contentType) && grpcStatus !== undefined) facts.grpcStatus = parseGrpcStatus(grpcStatus);
}

/** The keys of an exchange of which the access log alone tells: its trace context is there when the logger was told to add it. */
export function keysOfEntry(bytes: Uint8Array, scanned: ScannedEntry): readonly TransactionKey[] {
  const logged = readHeaders(bytes, scanned.requestStart, scanned.requestEnd, RequestField.headers);
  const requestId: readonly Header[] = [{ name: 'x-request-id', value: requestIdOf(bytes, scanned) }];
  return transactionKeys([...logged, ...requestId]);
}
