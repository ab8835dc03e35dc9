/** Variables of a frame, as one line of text each: at most 400 characters, ten members, two levels beyond what the adapter writes itself. */
import type { Local } from '../debugger.ts';
import type { DapConnection } from './connection.ts';
import type { Dialect } from './dialect.ts';
import type { DapVariable } from './messages.ts';
import { SCOPES, VARIABLES } from './messages.ts';

const CHARACTERS = 400;
const MEMBERS = 10;
const LEVELS = 2;
const MOST_LOCALS = 100;
/** debugpy calls them Locals; delve Locals and, where a function's are apart, Arguments. */
const SHOWN = /^(?:locals|arguments)/i;

export async function readLocals(adapter: DapConnection, frameId: number, dialect: Dialect): Promise<readonly Local[]> {
  const { scopes } = await adapter.request('scopes', { frameId }, SCOPES);
  const locals: Local[] = [];
  for (const { name, variablesReference } of scopes) {
    if (!SHOWN.test(name)) continue;
    for (const variable of await members(adapter, variablesReference, dialect, MOST_LOCALS))
      locals.push({ name: variable.name, value: cut(await describe(adapter, variable, dialect, LEVELS)) });
  }
  return locals;
}

async function describe(
  adapter: DapConnection,
  variable: DapVariable,
  dialect: Dialect,
  levels: number,
): Promise<string> {
  const { value, type, variablesReference } = variable;
  if (!dialect.isOpaque(value) || variablesReference === 0 || levels === 0) return cut(value);
  const shown = await members(adapter, variablesReference, dialect, MEMBERS + 1);
  const texts: string[] = [];
  for (const member of shown.slice(0, MEMBERS))
    texts.push(`${member.name}: ${await describe(adapter, member, dialect, levels - 1)}`);
  if (shown.length > MEMBERS) texts.push('…');
  return `${type ?? ''} ${texts.length === 0 ? '{}' : `{ ${texts.join(', ')} }`}`.trim();
}

async function members(
  adapter: DapConnection,
  variablesReference: number,
  dialect: Dialect,
  most: number,
): Promise<readonly DapVariable[]> {
  const { variables } = await adapter.request('variables', { variablesReference }, VARIABLES);
  return variables.filter(({ name }) => !dialect.isNoVariable(name)).slice(0, most);
}

function cut(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length > CHARACTERS ? `${line.slice(0, CHARACTERS - 1)}…` : line;
}
