/**
 * Messages of the client, in both directions. `String` is zero-terminated, `[n]` an Int16 count and as many items.
 *
 *     Query 'Q'        String sql
 *     Parse 'P'        String name, String sql, [n] Int32 type
 *     Bind 'B'         String portal, String statement, [n] Int16 format, [n] (Int32 length | -1, bytes), [n] Int16 result format
 *     Describe 'D'     Byte1 'S' statement | 'P' portal, String name
 *     Close 'C'        the same
 *     Execute 'E'      String portal, Int32 most rows (0: all)
 *     Sync 'S', Flush 'H', Terminate 'X', CopyDone 'c'        nothing
 *     CopyData 'd'     bytes          CopyFail 'f'   String reason
 *     password 'p'     bytes          FunctionCall 'F'   bytes
 *     StartupMessage   Int32 version, (String name, String value)*, Byte1 0
 *     CancelRequest    Int32 80877102, Int32 process, bytes secret
 *     SSLRequest       Int32 80877103          GSSENCRequest   Int32 80877104
 *
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { Reader, concat, int16, int32, list, text } from '../bytes.ts';
import { frame, payload, type Frame } from './framing.ts';

/** A value as it travels: null is SQL NULL. */
export type Value = Uint8Array | null;

export interface Parse {
  readonly kind: 'parse';
  readonly name: string;
  readonly sql: string;
  /** Type OIDs of the first parameters; 0 leaves one to the server. */
  readonly types: readonly number[];
}

export interface Bind {
  readonly kind: 'bind';
  readonly portal: string;
  readonly statement: string;
  /** 0 text, 1 binary: none means all text, one stands for all. */
  readonly formats: readonly number[];
  readonly values: readonly Value[];
  readonly resultFormats: readonly number[];
}

export interface Named {
  readonly kind: 'describe' | 'close';
  readonly target: 'statement' | 'portal';
  readonly name: string;
}

export type Frontend =
  | { readonly kind: 'query'; readonly sql: string }
  | Parse
  | Bind
  | Named
  | { readonly kind: 'execute'; readonly portal: string; readonly maxRows: number }
  | { readonly kind: 'sync' | 'flush' | 'terminate' | 'copy-done' }
  | { readonly kind: 'copy-fail'; readonly reason: string }
  | { readonly kind: 'copy-data' | 'password' | 'function-call'; readonly data: Uint8Array }
  | Packet;

/** What opens a connection. */
type Packet =
  | {
      readonly kind: 'startup';
      /** Major version in the upper, minor in the lower 16 bits. */
      readonly version: number;
      readonly parameters: readonly (readonly [name: string, value: string])[];
    }
  | { readonly kind: 'cancel'; readonly process: number; readonly secret: Uint8Array }
  | { readonly kind: 'ssl' | 'gss' };

const EMPTY_BODIES = { S: 'sync', H: 'flush', X: 'terminate', c: 'copy-done' } as const;

/** The message in a frame; undefined when the body does not follow its grammar, or was cut. */
export function decodeFrontend(frame: Frame): Frontend | undefined {
  const reader = new Reader(payload(frame));
  const message = frame.kind === 'startup' ? decodePacket(frame.type, reader) : decodeMessage(frame.type, reader);
  return reader.done && !frame.cut ? message : undefined;
}

function decodeMessage(type: string, reader: Reader): Frontend | undefined {
  switch (type) {
    case 'Q':
      return { kind: 'query', sql: reader.text() };
    case 'P':
      return { kind: 'parse', name: reader.text(), sql: reader.text(), types: reader.list(() => reader.uint32()) };
    case 'B':
      return decodeBind(reader);
    case 'D':
    case 'C':
      return decodeNamed(type === 'D' ? 'describe' : 'close', reader);
    case 'E':
      return { kind: 'execute', portal: reader.text(), maxRows: reader.int32() };
    case 'S':
    case 'H':
    case 'X':
    case 'c':
      return { kind: EMPTY_BODIES[type] };
    case 'd':
      return { kind: 'copy-data', data: reader.rest() };
    case 'f':
      return { kind: 'copy-fail', reason: reader.text() };
    case 'p':
      return { kind: 'password', data: reader.rest() };
    case 'F':
      return { kind: 'function-call', data: reader.rest() };
    default:
      return undefined;
  }
}

function decodeBind(reader: Reader): Bind {
  return {
    kind: 'bind',
    portal: reader.text(),
    statement: reader.text(),
    formats: reader.list(() => reader.int16()),
    values: reader.list(() => readValue(reader)),
    resultFormats: reader.list(() => reader.int16()),
  };
}

function decodeNamed(kind: Named['kind'], reader: Reader): Named | undefined {
  const target = reader.int8();
  const name = reader.text();
  if (target === 0x53) return { kind, target: 'statement', name };
  return target === 0x50 ? { kind, target: 'portal', name } : undefined;
}

function decodePacket(type: string, reader: Reader): Frontend | undefined {
  const code = reader.int32();
  switch (type) {
    case 'startup':
      return { kind: 'startup', version: code, parameters: readParameters(reader) };
    case 'cancel':
      return { kind: 'cancel', process: reader.int32(), secret: reader.rest() };
    case 'ssl':
    case 'gss':
      return { kind: type };
    default:
      return undefined;
  }
}

function readParameters(reader: Reader): [string, string][] {
  const parameters: [string, string][] = [];
  for (let name = reader.text(); name !== ''; name = reader.text()) parameters.push([name, reader.text()]);
  return parameters;
}

/** Int32 length and bytes; -1 is NULL. */
export function readValue(reader: Reader): Value {
  const length = reader.int32();
  return length === -1 ? null : reader.take(length);
}

export function encodeValue(value: Value): Uint8Array {
  return value === null ? int32(-1) : concat([int32(value.length), value]);
}

export function encodeFrontend(message: Frontend): Uint8Array {
  switch (message.kind) {
    case 'query':
      return frame('Q', text(message.sql));
    case 'parse':
      return frame('P', text(message.name), text(message.sql), list(message.types, int32));
    case 'bind':
      return encodeBind(message);
    case 'describe':
    case 'close':
      return frame(
        message.kind === 'describe' ? 'D' : 'C',
        Buffer.from(message.target === 'statement' ? 'S' : 'P'),
        text(message.name),
      );
    case 'execute':
      return frame('E', text(message.portal), int32(message.maxRows));
    case 'sync':
      return frame('S');
    case 'flush':
      return frame('H');
    case 'terminate':
      return frame('X');
    case 'copy-done':
      return frame('c');
    case 'copy-data':
      return frame('d', message.data);
    case 'copy-fail':
      return frame('f', text(message.reason));
    case 'password':
      return frame('p', message.data);
    case 'function-call':
      return frame('F', message.data);
    case 'startup':
    case 'cancel':
    case 'ssl':
    case 'gss':
      return encodePacket(message);
  }
}

function encodeBind(bind: Bind): Uint8Array {
  return frame(
    'B',
    text(bind.portal),
    text(bind.statement),
    list(bind.formats, int16),
    list(bind.values, encodeValue),
    list(bind.resultFormats, int16),
  );
}

function encodePacket(message: Packet): Uint8Array {
  switch (message.kind) {
    case 'startup':
      return packet(int32(message.version), ...message.parameters.flat().map(text), Uint8Array.of(0));
    case 'cancel':
      return packet(int32(80877102), int32(message.process), message.secret);
    case 'ssl':
      return packet(int32(80877103));
    case 'gss':
      return packet(int32(80877104));
  }
}

function packet(...parts: readonly Uint8Array[]): Uint8Array {
  return concat([int32(parts.reduce((sum, part) => sum + part.length, 4)), ...parts]);
}

/** Which prepared things a question names; readable from the beginning of a frame that was cut. */
export interface Names {
  readonly statement: string;
  readonly portal: string;
}

export function namesIn(frame: Frame): Names {
  if (!'PBE'.includes(frame.type)) return NO_NAMES;
  const reader = new Reader(payload(frame));
  if (frame.type === 'P') return { statement: reader.text(), portal: '' };
  const portal = reader.text();
  return { portal, statement: frame.type === 'B' ? reader.text() : '' };
}

const NO_NAMES: Names = { portal: '', statement: '' };
