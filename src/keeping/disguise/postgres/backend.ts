/** What a Postgres server answers, disguised: rows by the names of their columns and what their statement gives out, reports by their looks. */
import type { Backend, Column, ReportFields } from '../../../wire/postgres/backend.ts';
import { formatOf } from '../../../wire/postgres/language/types.ts';
import type { Disguise } from '../disguise.ts';
import { disguiseText, disguiseValue } from './language/value.ts';

/** What describes the values of a row, as far as it is known. */
export interface RowForm {
  readonly columns: readonly Column[];
  readonly formats: readonly number[];
  /** What any of the values may be, under another name (src/seal/sql-outputs.ts). */
  readonly secret?: string | undefined;
}

/** Fields of a report that hold nothing of anybody: severity, code, positions, places in Postgres' own source. */
const HARMLESS = new Set(['S', 'V', 'C', 'P', 'p', 'F', 'L', 'R', 's', 't', 'c', 'd', 'n']);

export function disguiseBackend(message: Backend, form: RowForm | undefined, disguise: Disguise): Backend {
  const { redact, opaque } = disguise;
  switch (message.kind) {
    case 'data-row':
      return { ...message, values: message.values.map((value, index) => disguiseCell(value, index, form, disguise)) };
    case 'error':
    case 'notice':
      return { ...message, fields: disguiseReport(message.fields, disguise) };
    case 'notification':
      return { ...message, channel: redact.text(message.channel), payload: redact.text(message.payload) };
    case 'parameter-status':
      return { ...message, value: redact.value(message.name, message.value) };
    case 'backend-key':
      return { ...message, secret: new Uint8Array(message.secret.length) };
    case 'authentication':
      return message.code === 0 ? message : { ...message, data: opaque(message.data) };
    case 'copy-data':
      return { ...message, data: disguiseText(message.data, (text) => redact.text(text)) ?? opaque(message.data) };
    case 'function-result':
      return { ...message, data: opaque(message.data) };
    case 'bind-complete':
    case 'close-complete':
    case 'command-complete':
    case 'copy-both':
    case 'copy-done':
    case 'copy-in':
    case 'copy-out':
    case 'empty-query':
    case 'negotiate-version':
    case 'no-data':
    case 'parameter-description':
    case 'parse-complete':
    case 'portal-suspended':
    case 'ready':
    case 'row-description':
      return message;
  }
}

function disguiseCell(
  value: Uint8Array | null,
  index: number,
  form: RowForm | undefined,
  disguise: Disguise,
): Uint8Array | null {
  const column = form?.columns[index];
  const { redact } = disguise;
  const secret = form?.secret;
  const hide = (text: string) =>
    secret === undefined ? redact.value(column?.name, text) : redact.parameter(secret, text);
  return disguiseValue(value, column?.type ?? 0, formatOf(form?.formats ?? [], index), hide, disguise);
}

function disguiseReport(fields: ReportFields, { redact }: Disguise): ReportFields {
  return fields.map(([field, text]) => [field, HARMLESS.has(field) ? text : redact.text(text)] as const);
}
