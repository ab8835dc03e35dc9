/** Postgres messages as tests write them down: one value per message, no bytes. */
import type { Bytes, Conversation } from '../../src/domain/conversation.ts';
import { parseRecorderId, streamId } from '../../src/domain/ids.ts';
import {
  encodeBackend,
  type Backend,
  type Column,
  type ReportFields,
  type TransactionStatus,
} from '../../src/wire/postgres/backend.ts';
import { encodeFrontend, type Frontend, type Value } from '../../src/wire/postgres/frontend.ts';
import type { Side } from '../../src/wire/postgres/framing.ts';

/** What one side sent together. */
export interface Sent {
  readonly side: Side;
  readonly bytes: Uint8Array;
}

export function client(...messages: readonly Frontend[]): Sent {
  return { side: 'client', bytes: Buffer.concat(messages.map(encodeFrontend)) };
}

export function server(...messages: readonly Backend[]): Sent {
  return { side: 'server', bytes: Buffer.concat(messages.map(encodeBackend)) };
}

export const startup: Frontend = {
  kind: 'startup',
  version: 196608,
  parameters: [
    ['user', 'app'],
    ['database', 'shop'],
  ],
};
export const sync: Frontend = { kind: 'sync' };
export const flush: Frontend = { kind: 'flush' };

export function query(sql: string): Frontend {
  return { kind: 'query', sql };
}

export function parse(sql: string, name = '', types: readonly number[] = []): Frontend {
  return { kind: 'parse', name, sql, types };
}

export function bind(
  values: readonly (string | null)[],
  statement = '',
  portal = '',
  resultFormats: readonly number[] = [],
): Frontend {
  return { kind: 'bind', portal, statement, formats: [], values: values.map(textValue), resultFormats };
}

export function describe(target: 'statement' | 'portal', name = ''): Frontend {
  return { kind: 'describe', target, name };
}

export function close(target: 'statement' | 'portal', name = ''): Frontend {
  return { kind: 'close', target, name };
}

export function execute(portal = '', maxRows = 0): Frontend {
  return { kind: 'execute', portal, maxRows };
}

export const authenticated: Backend = { kind: 'authentication', code: 0, data: new Uint8Array(0) };
export const parseComplete: Backend = { kind: 'parse-complete' };
export const bindComplete: Backend = { kind: 'bind-complete' };
export const closeComplete: Backend = { kind: 'close-complete' };
export const noData: Backend = { kind: 'no-data' };
export const suspended: Backend = { kind: 'portal-suspended' };

function parameter(name: string, value: string): Backend {
  return { kind: 'parameter-status', name, value };
}

export function ready(status: TransactionStatus = 'I'): Backend {
  return { kind: 'ready', status };
}

export function column(name: string, type = 25, format = 0): Column {
  return { name, table: 0, attribute: 0, type, size: -1, modifier: -1, format };
}

export function columns(...described: readonly Column[]): Backend {
  return { kind: 'row-description', columns: described };
}

export function parameterTypes(...types: readonly number[]): Backend {
  return { kind: 'parameter-description', types };
}

export function row(...values: readonly (string | null)[]): Backend {
  return { kind: 'data-row', values: values.map(textValue) };
}

export function complete(tag: string): Backend {
  return { kind: 'command-complete', tag };
}

export function error(code: string, message: string, ...more: ReportFields): Backend {
  return { kind: 'error', fields: [['S', 'ERROR'], ['V', 'ERROR'], ['C', code], ['M', message], ...more] };
}

export function notice(message: string): Backend {
  return {
    kind: 'notice',
    fields: [
      ['S', 'NOTICE'],
      ['C', '00000'],
      ['M', message],
    ],
  };
}

function textValue(value: string | null): Value {
  return value === null ? null : Buffer.from(value);
}

/** Start-up to the first ReadyForQuery. */
export const handshake: readonly Sent[] = [
  client(startup),
  server(authenticated, parameter('server_version', '18.0'), parameter('TimeZone', 'UTC')),
  server({ kind: 'backend-key', process: 4711, secret: Buffer.from('cancel-key') }, ready()),
];

/** A conversation in which the n-th chunk comes at n × 10 ms. `state` is what the recording states of before. */
export function conversation(sent: readonly (Sent & Partial<Bytes>)[], state: readonly Sent[] = []): Conversation {
  const recorder = parseRecorderId('00000000000000aa');
  if (recorder === undefined) throw new Error('not a recorder id');
  return {
    kind: 'conversation',
    id: streamId(recorder, 1),
    vantage: { service: 'carts', instance: 'carts-1', direction: 'outbound' },
    peer: { name: 'postgres', port: 5432 },
    protocol: 'postgres',
    state: state.map((chunk) => ({ ...chunk, at: 0, openInbound: 0 })),
    bytes: sent.map((chunk, index) => ({ at: index * 10, openInbound: 1, ...chunk })),
    startedAt: 0,
    endedAt: sent.length * 10,
    gaps: [],
  };
}
