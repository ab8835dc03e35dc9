/** What a command asked with and what its rows hold, as text: for whoever looks where values come from and go to. */
import type { Command } from '../../domain/conversation.ts';
import type { NamedValue } from '../protocol.ts';
import { decodeBackend, type Column } from './backend.ts';
import { messageFrame } from './framing.ts';
import { maskConstants } from './language/sql.ts';
import { canonical } from './language/types.ts';

/** Rows looked at: what an answer is about stands in its first ones. */
const ROWS = 200;

/** Parameters, and constants written into the statement. They go by the name `sql`, cells by their column's. */
export function askedValues({ summary, parameters = [] }: Command): readonly NamedValue[] {
  const constants = maskConstants(summary).constants.map((text) => text.replace(/^[eE]?'|'$/g, ''));
  return [...parameters, ...constants].flatMap((value) => (value === null ? [] : [{ name: 'sql', value }]));
}

/** Cells of the first rows, and the text of an error. */
export function answeredValues({ response, error }: Command): readonly NamedValue[] {
  const found: NamedValue[] = error === undefined ? [] : [{ name: 'error', value: error.message }];
  let columns: readonly Column[] = [];
  let rows = 0;
  for (const bytes of response) {
    if (bytes[0] !== 0x54 && bytes[0] !== 0x44) continue;
    const message = decodeBackend(messageFrame(bytes));
    if (message?.kind === 'row-description') columns = message.columns;
    if (message?.kind !== 'data-row' || ++rows > ROWS) continue;
    for (const [index, cell] of message.values.entries()) {
      const column = columns[index];
      const value = canonical(cell, column?.type ?? 0, column?.format ?? 0);
      if (value !== null) found.push({ name: column?.name ?? 'row', value });
    }
  }
  return found;
}
