/** Recorded commands as statements with their answers, ready to be compared and served. */
import type { Command } from '../../../src/domain/conversation.ts';
import type { StreamId } from '../../../src/domain/ids.ts';
import { decodeBackend, type Column } from '../../../src/wire/postgres/backend.ts';
import { decodeFrontend, type Bind, type Value } from '../../../src/wire/postgres/frontend.ts';
import { messageFrame } from '../../../src/wire/postgres/framing.ts';
import { handleIn, maskConstants, normaliseSql } from '../../../src/wire/postgres/language/sql.ts';
import type { AnswerSource } from '../call.ts';
import type { CommandAnswer } from '../command.ts';

/** What runs when a statement is executed: the same for a recorded and for an asked one. */
export interface Question {
  /** Normalised. */
  readonly sql: string;
  /** The same, whatever the name it makes up for a cursor, a savepoint or a prepared statement; and that name. */
  readonly text: string;
  readonly handle: string | undefined;
  /** The text with its constants masked, and the constants. */
  readonly shape: string;
  readonly constants: readonly string[];
  readonly values: readonly Value[];
  readonly formats: readonly number[];
  /** As the client declared them; 0 where it left them to the server. */
  readonly types: readonly number[];
}

export interface RecordedStatement {
  readonly command: Command;
  readonly source: AnswerSource;
  readonly onlySame?: true | undefined;
  readonly standsIn?: true | undefined;
  readonly conversation: StreamId;
  readonly question: Question;
  readonly protocol: 'simple' | 'extended';
  /** `preparation`: it was never executed; it only tells types. `parse` and `bind`: it failed there. */
  readonly reached: 'preparation' | 'parse' | 'bind' | 'execution';
  readonly parameterTypes: readonly number[] | undefined;
  /** Empty for a statement without rows; undefined when nobody asked. */
  readonly columns: readonly Column[] | undefined;
  readonly resultFormats: readonly number[];
  /**
   * Messages of the answer without those of preparation, without ReadyForQuery, notifications, which go to whoever listens, and parameters,
   * which are reported when they change on the connection that serves.
   */
  readonly answer: readonly Uint8Array[];
  /** Parameters that the server reported with it. */
  readonly reported: readonly (readonly [name: string, value: string])[];
  /** False when the recorded answer ends before its end: the statement hung, or was cut off. */
  readonly complete: boolean;
  /** What the client sent after CopyInResponse: one piece per message. */
  readonly copied: readonly Uint8Array[];
  /** The client ended its data with CopyFail. */
  readonly brokenOff: boolean;
}

/** The answer to anything in a failed transaction. It says nothing of the statement, and is given without a recording. */
const IN_FAILED_TRANSACTION = '25P02';

/** In recorded order. What a portal gave in parts becomes one answer; commands that cannot be read are left out. */
export function readRecorded(answers: readonly CommandAnswer[]): readonly RecordedStatement[] {
  const statements: RecordedStatement[] = [];
  const latest = new Map<string, number>();
  for (const answer of answers) {
    const portal = portalOf(answer.command);
    const earlier = portal === undefined ? undefined : latest.get(portal);
    const statement = readStatement(answer);
    const first = earlier === undefined ? undefined : statements[earlier];
    if (statement === undefined) continue;
    if (earlier !== undefined && first !== undefined && continues(answer.command, first)) {
      statements[earlier] = joined(first, statement);
    } else {
      statements.push(statement);
      if (portal !== undefined) latest.set(portal, statements.length - 1);
    }
  }
  return statements;
}

/** Makes a question of SQL as it was sent. */
export function questionOf(sql: string, bind?: Bind, types: readonly number[] = []): Question {
  const normalised = normaliseSql(sql);
  const handle = handleIn(normalised);
  const text = handle?.masked ?? normalised;
  const { shape, constants } = maskConstants(text);
  return {
    sql: normalised,
    text,
    handle: handle?.name,
    shape,
    constants,
    values: bind?.values ?? [],
    formats: bind?.formats ?? [],
    types,
  };
}

function readStatement({ command, source, onlySame, standsIn }: CommandAnswer): RecordedStatement | undefined {
  const asked = command.request.map((bytes) => decodeFrontend(messageFrame(bytes)));
  const query = asked.find((message) => message?.kind === 'query');
  const parse = asked.find((message) => message?.kind === 'parse');
  const bind = asked.find((message) => message?.kind === 'bind');
  const sql = query?.sql ?? parse?.sql;
  if (sql === undefined || command.error?.code === IN_FAILED_TRANSACTION) return undefined;
  const executed = query !== undefined || asked.some((message) => message?.kind === 'execute');
  const protocol = query === undefined ? 'extended' : 'simple';
  return {
    command,
    source,
    onlySame,
    standsIn,
    conversation: command.conversation,
    question: questionOf(sql, bind, parse?.types),
    protocol,
    reached: query === undefined ? reached(command, executed) : 'execution',
    ...described(command),
    resultFormats: bind?.resultFormats ?? [],
    answer: command.response.filter((bytes) => !isPreparation(bytes, protocol)),
    reported: reportedIn(command),
    complete: isComplete(command, protocol),
    copied: asked.flatMap((message) => (message?.kind === 'copy-data' ? [message.data] : [])),
    brokenOff: asked.some((message) => message?.kind === 'copy-fail'),
  };
}

function reportedIn({ response }: Command): RecordedStatement['reported'] {
  return response.flatMap((bytes) => {
    const frame = messageFrame(bytes);
    const message = frame.type === 'S' ? decodeBackend(frame) : undefined;
    return message?.kind === 'parameter-status' ? [[message.name, message.value] as const] : [];
  });
}

function typesIn(command: Command): string {
  return command.response.map((bytes) => messageFrame(bytes).type).join('');
}

function reached(command: Command, executed: boolean): RecordedStatement['reached'] {
  const types = typesIn(command).replace(/[NAS]/g, '');
  if (types.startsWith('E')) return 'parse';
  if (/^1t?[Tn]?E/.test(types)) return 'bind';
  return executed ? 'execution' : 'preparation';
}

function described(command: Command): Pick<RecordedStatement, 'parameterTypes' | 'columns'> {
  let parameterTypes: readonly number[] | undefined;
  let columns: readonly Column[] | undefined;
  for (const bytes of command.response) {
    const frame = messageFrame(bytes);
    if (!'tTn'.includes(frame.type)) continue;
    const message = decodeBackend(frame);
    if (message?.kind === 'parameter-description') parameterTypes = message.types;
    if (message?.kind === 'row-description') columns = message.columns;
    if (message?.kind === 'no-data') columns = [];
  }
  return { parameterTypes, columns };
}

function isPreparation(bytes: Uint8Array, protocol: RecordedStatement['protocol']): boolean {
  return (protocol === 'simple' ? 'ZAS' : '12tTnZAS').includes(messageFrame(bytes).type);
}

function isComplete(command: Command, protocol: RecordedStatement['protocol']): boolean {
  const types = typesIn(command).replace(/[NAS]/g, '');
  return (protocol === 'simple' ? /[EZ]$/ : /[CIEs]$/).test(types);
}

/** A portal of a connection: its Bind message, byte for byte. */
function portalOf(command: Command): string | undefined {
  const bind = command.request.find((bytes) => messageFrame(bytes).type === 'B');
  return bind && `${command.conversation} ${Buffer.from(bind).toString('latin1')}`;
}

/** Another Execute of a portal that was suspended: nothing was bound for it. */
function continues(command: Command, first: RecordedStatement): boolean {
  return isSuspended(first) && !typesIn(command).includes('2');
}

function isSuspended({ answer }: RecordedStatement): boolean {
  return answer.at(-1)?.[0] === 0x73;
}

function joined(first: RecordedStatement, next: RecordedStatement): RecordedStatement {
  return {
    ...first,
    columns: first.columns ?? next.columns,
    answer: [...first.answer.slice(0, -1), ...next.answer],
    complete: next.complete,
  };
}
