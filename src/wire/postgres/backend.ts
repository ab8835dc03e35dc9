/**
 * Messages of the server, in both directions. `String` is zero-terminated, `[n]` an Int16 count and as many items.
 *
 *     Authentication 'R'          Int32 code (0: ok), bytes
 *     ParameterStatus 'S'         String name, String value
 *     BackendKeyData 'K'          Int32 process, bytes secret
 *     ReadyForQuery 'Z'           Byte1 'I' idle | 'T' in a transaction | 'E' in a failed one
 *     RowDescription 'T'          [n] (String name, Int32 table, Int16 attribute, Int32 type, Int16 size, Int32 modifier, Int16 format)
 *     ParameterDescription 't'    [n] Int32 type
 *     DataRow 'D'                 [n] (Int32 length | -1, bytes)
 *     CommandComplete 'C'         String tag
 *     ErrorResponse 'E', NoticeResponse 'N'      (Byte1 field, String value)*, Byte1 0
 *     NotificationResponse 'A'    Int32 process, String channel, String payload
 *     CopyIn 'G', CopyOut 'H', CopyBoth 'W'      Byte1 format, [n] Int16 column format
 *     CopyData 'd', FunctionCallResponse 'V'     bytes
 *     NegotiateProtocolVersion 'v'               Int32 newest version, Int32 n, n × String unknown option
 *     ParseComplete '1', BindComplete '2', CloseComplete '3', NoData 'n', PortalSuspended 's', EmptyQueryResponse 'I', CopyDone 'c'
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { Reader, concat, int16, int32, int8, list, text } from '../bytes.ts';
import { frame, payload, type Frame } from './framing.ts';
import { encodeValue, readValue, type Value } from './frontend.ts';

export type TransactionStatus = 'I' | 'T' | 'E';

export interface Column {
  readonly name: string;
  readonly table: number;
  readonly attribute: number;
  readonly type: number;
  readonly size: number;
  readonly modifier: number;
  /** 0 text, 1 binary. */
  readonly format: number;
}

/** By field letter: `C` SQLSTATE, `M` message, `D` detail, `H` hint, `S` and `V` severity. */
export type ReportFields = readonly (readonly [field: string, value: string])[];

export type Backend =
  | { readonly kind: 'authentication'; readonly code: number; readonly data: Uint8Array }
  | { readonly kind: 'parameter-status'; readonly name: string; readonly value: string }
  | { readonly kind: 'backend-key'; readonly process: number; readonly secret: Uint8Array }
  | { readonly kind: 'ready'; readonly status: TransactionStatus }
  | { readonly kind: 'row-description'; readonly columns: readonly Column[] }
  | { readonly kind: 'parameter-description'; readonly types: readonly number[] }
  | { readonly kind: 'data-row'; readonly values: readonly Value[] }
  | { readonly kind: 'command-complete'; readonly tag: string }
  | { readonly kind: 'error' | 'notice'; readonly fields: ReportFields }
  | { readonly kind: 'notification'; readonly process: number; readonly channel: string; readonly payload: string }
  | {
      readonly kind: 'copy-in' | 'copy-out' | 'copy-both';
      readonly format: number;
      readonly columns: readonly number[];
    }
  | { readonly kind: 'copy-data' | 'function-result'; readonly data: Uint8Array }
  | { readonly kind: 'negotiate-version'; readonly newest: number; readonly unknown: readonly string[] }
  | BareMessage;

interface BareMessage {
  readonly kind: BareKind;
}

const BARE = {
  '1': 'parse-complete',
  '2': 'bind-complete',
  '3': 'close-complete',
  n: 'no-data',
  s: 'portal-suspended',
  I: 'empty-query',
  c: 'copy-done',
} as const;
type BareType = keyof typeof BARE;
type BareKind = (typeof BARE)[BareType];
const BARE_TYPES: Readonly<Record<BareKind, BareType>> = {
  'parse-complete': '1',
  'bind-complete': '2',
  'close-complete': '3',
  'no-data': 'n',
  'portal-suspended': 's',
  'empty-query': 'I',
  'copy-done': 'c',
};

const COPY = { G: 'copy-in', H: 'copy-out', W: 'copy-both' } as const;
const COPY_TYPES = { 'copy-in': 'G', 'copy-out': 'H', 'copy-both': 'W' } as const;

/** The message in a frame; undefined when the body does not follow its grammar, or was cut. */
export function decodeBackend(frame: Frame): Backend | undefined {
  const reader = new Reader(payload(frame));
  const message = decodeMessage(frame.type, reader);
  return reader.done && !frame.cut ? message : undefined;
}

function decodeMessage(type: string, reader: Reader): Backend | undefined {
  switch (type) {
    case 'R':
      return { kind: 'authentication', code: reader.int32(), data: reader.rest() };
    case 'S':
      return { kind: 'parameter-status', name: reader.text(), value: reader.text() };
    case 'K':
      return { kind: 'backend-key', process: reader.int32(), secret: reader.rest() };
    case 'Z':
      return decodeReady(reader);
    case 'T':
      return { kind: 'row-description', columns: reader.list(() => readColumn(reader)) };
    case 't':
      return { kind: 'parameter-description', types: reader.list(() => reader.uint32()) };
    case 'D':
      return { kind: 'data-row', values: reader.list(() => readValue(reader)) };
    case 'C':
      return { kind: 'command-complete', tag: reader.text() };
    case 'E':
    case 'N':
      return { kind: type === 'E' ? 'error' : 'notice', fields: readFields(reader) };
    case 'A':
      return { kind: 'notification', process: reader.int32(), channel: reader.text(), payload: reader.text() };
    default:
      return decodeRare(type, reader);
  }
}

function decodeRare(type: string, reader: Reader): Backend | undefined {
  switch (type) {
    case 'G':
    case 'H':
    case 'W':
      return { kind: COPY[type], format: reader.int8(), columns: reader.list(() => reader.int16()) };
    case 'd':
      return { kind: 'copy-data', data: reader.rest() };
    case 'V':
      return { kind: 'function-result', data: reader.rest() };
    case 'v':
      return { kind: 'negotiate-version', newest: reader.int32(), unknown: readUnknown(reader) };
    default:
      return isBare(type) ? { kind: BARE[type] } : undefined;
  }
}

function isBare(type: string): type is BareType {
  return Object.hasOwn(BARE, type);
}

function decodeReady(reader: Reader): Backend | undefined {
  const status = String.fromCharCode(reader.int8());
  return status === 'I' || status === 'T' || status === 'E' ? { kind: 'ready', status } : undefined;
}

function readColumn(reader: Reader): Column {
  return {
    name: reader.text(),
    table: reader.uint32(),
    attribute: reader.int16(),
    type: reader.uint32(),
    size: reader.int16(),
    modifier: reader.int32(),
    format: reader.int16(),
  };
}

function readFields(reader: Reader): [string, string][] {
  const fields: [string, string][] = [];
  for (let field = reader.int8(); field !== 0; field = reader.int8())
    fields.push([String.fromCharCode(field), reader.text()]);
  return fields;
}

function readUnknown(reader: Reader): string[] {
  const count = reader.int32();
  const unknown: string[] = [];
  for (let index = 0; index < count && !reader.failed; index++) unknown.push(reader.text());
  return unknown;
}

export function encodeBackend(message: Backend): Uint8Array {
  if (hasNoBody(message)) return frame(BARE_TYPES[message.kind]);
  switch (message.kind) {
    case 'authentication':
      return frame('R', int32(message.code), message.data);
    case 'parameter-status':
      return frame('S', text(message.name), text(message.value));
    case 'backend-key':
      return frame('K', int32(message.process), message.secret);
    case 'ready':
      return frame('Z', Buffer.from(message.status));
    case 'row-description':
      return frame('T', list(message.columns, encodeColumn));
    case 'parameter-description':
      return frame('t', list(message.types, int32));
    case 'data-row':
      return frame('D', list(message.values, encodeValue));
    case 'command-complete':
      return frame('C', text(message.tag));
    case 'error':
    case 'notice':
      return frame(message.kind === 'error' ? 'E' : 'N', ...message.fields.map(encodeField), int8(0));
    case 'notification':
      return frame('A', int32(message.process), text(message.channel), text(message.payload));
    case 'copy-in':
    case 'copy-out':
    case 'copy-both':
      return frame(COPY_TYPES[message.kind], int8(message.format), list(message.columns, int16));
    case 'copy-data':
      return frame('d', message.data);
    case 'function-result':
      return frame('V', message.data);
    case 'negotiate-version':
      return frame('v', int32(message.newest), int32(message.unknown.length), ...message.unknown.map(text));
  }
}

function hasNoBody(message: Backend): message is BareMessage {
  return Object.hasOwn(BARE_TYPES, message.kind);
}

function encodeColumn(column: Column): Uint8Array {
  return concat([
    text(column.name),
    int32(column.table),
    int16(column.attribute),
    int32(column.type),
    int16(column.size),
    int32(column.modifier),
    int16(column.format),
  ]);
}

function encodeField([field, value]: readonly [string, string]): Uint8Array {
  return concat([Buffer.from(field, 'latin1'), text(value)]);
}

/** One field of an ErrorResponse or NoticeResponse; empty when it is not there. */
export function reportField(fields: ReportFields, letter: string): string {
  return fields.find(([field]) => field === letter)?.[1] ?? '';
}
