/** The keys of an exchange, read off its request where they lie: what identity.ts finds in decoded headers, without making text of anything but keys. */
import type { TraceContext } from '../../domain/exchange.ts';
import { parseTransactionKey } from '../../domain/ids.ts';
import type { TransactionKey } from '../../domain/ids.ts';
import { headersIn, headerText, Named } from '../extproc/scanned-head.ts';
import type { ScannedMessage } from '../extproc/scanned.ts';
import { traceContextOf } from './identity.ts';

/** `00-`, 32 digits of the trace, `-`, 16 of the span, `-`, two of flags: what any version begins with, and version 00 is. */
const TRACEPARENT_BYTES = 55;
const TRACE = 'trace:';
const REQUEST = 'request:';
const MOST_REQUEST_ID = 200;

// Keys are put together here, so that each becomes one flat string.
const traceKey = Buffer.from(`${TRACE}${'0'.repeat(32)}`, 'latin1');
const requestKey = Buffer.from(`${REQUEST}${'0'.repeat(MOST_REQUEST_ID)}`, 'latin1');

const isHex = new Uint8Array(256);
for (const digit of Buffer.from('0123456789abcdef', 'latin1')) isHex[digit] = 1;

/** Best first, as transactionKeys has them; `scanned` is a message of request headers. */
export function keysIn(
  bytes: Uint8Array,
  scanned: ScannedMessage,
  callTrace: TraceContext | undefined,
): readonly TransactionKey[] {
  const trace = traceKeyIn(bytes, scanned) ?? (callTrace && parseTransactionKey(`${TRACE}${callTrace.traceId}`));
  const request = requestKeyIn(bytes, scanned);
  if (trace === undefined) return request === undefined ? [] : [request];
  return request === undefined ? [trace] : [trace, request];
}

function traceKeyIn(bytes: Uint8Array, scanned: ScannedMessage): TransactionKey | undefined {
  const headers = headersIn(bytes, scanned);
  const start = headers.start(Named.traceparent);
  const isUsual = start >= 0 && headers.end(Named.traceparent) - start === TRACEPARENT_BYTES;
  if (isUsual && readTraceparent(bytes, start)) return traceKey.toString('latin1') as TransactionKey;
  const isElsewhere = headers.has(Named.b3) || headers.has(Named.b3TraceId);
  if (!isElsewhere && (start < 0 || isUsual)) return undefined;
  const trace = traceContextOf((name) => headerText(bytes, scanned, TRACE_HEADERS[name] ?? -1));
  return trace && parseTransactionKey(`${TRACE}${trace.traceId}`);
}

const TRACE_HEADERS: Readonly<Record<string, number>> = {
  traceparent: Named.traceparent,
  b3: Named.b3,
  'x-b3-traceid': Named.b3TraceId,
  'x-b3-spanid': Named.b3SpanId,
};

/** Puts the trace id into the key when the value is valid. */
function readTraceparent(bytes: Uint8Array, start: number): boolean {
  const dashes = bytes[start + 2] === 0x2d && bytes[start + 35] === 0x2d && bytes[start + 52] === 0x2d;
  if (!dashes || (bytes[start] === 0x66 && bytes[start + 1] === 0x66)) return false;
  for (let index = 0; index < 32; index++) traceKey[TRACE.length + index] = bytes[start + 3 + index] ?? 0;
  return (
    areHex(bytes, start, 2) && areHex(bytes, start + 53, 2) && isId(bytes, start + 3, 32) && isId(bytes, start + 36, 16)
  );
}

/** Hexadecimal, and not all zeros. */
function isId(bytes: Uint8Array, start: number, length: number): boolean {
  let other = 0;
  for (let index = start; index < start + length; index++) other |= (bytes[index] ?? 0) ^ 0x30;
  return other !== 0 && areHex(bytes, start, length);
}

function areHex(bytes: Uint8Array, start: number, length: number): boolean {
  let all = 1;
  for (let index = start; index < start + length; index++) all &= isHex[bytes[index] ?? 0] ?? 0;
  return all === 1;
}

function requestKeyIn(bytes: Uint8Array, scanned: ScannedMessage): TransactionKey | undefined {
  const headers = headersIn(bytes, scanned);
  const start = headers.start(Named.requestId);
  const length = headers.end(Named.requestId) - start;
  if (start < 0 || length === 0 || length > MOST_REQUEST_ID) return undefined;
  for (let index = 0; index < length; index++) {
    const byte = bytes[start + index] ?? 0;
    if (byte < 0x21 || byte > 0x7e) return undefined;
    requestKey[REQUEST.length + index] = byte;
  }
  return requestKey.toString('latin1', 0, REQUEST.length + length) as TransactionKey;
}
