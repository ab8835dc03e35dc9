import type { Bytes, Command, CommandError, Conversation } from '../../domain/conversation.ts';
import { decodeBackend, encodeBackend, reportField } from './backend.ts';
import { messageFrame, type Side } from './framing.ts';
import { decodeFrontend } from './frontend.ts';
import { Session } from './session.ts';
import { summariseSql } from './language/sql.ts';
import { Turns, type Arrival, type Turn } from './turns.ts';
import { canonical, formatOf } from './language/types.ts';

const UNKNOWN_STATEMENT = '(a statement prepared before the recording began)';

/**
 * One command per simple query and per Execute; also per statement that failed before its Execute or was prepared and never executed here.
 * A command stands alone: what earlier messages prepared (Parse, Bind, descriptions) is stated again in front of its own. An answer that
 * never came, or not to its end, stays as short as it was. Handshakes are not commands; an encrypted connection has none.
 */
export function decodeCommands(conversation: Conversation): readonly Command[] {
  const turns = readTurns(conversation);
  const executed = new Set(turns.filter(({ asks }) => asks === 'execute').map(({ statement }) => statement?.parse));
  return turns
    .filter((turn) => isCommand(turn, executed))
    .map((turn, index) => commandOf(turn, conversation, `${conversation.id}/${index + 1}`));
}

function readTurns(conversation: Conversation): readonly Turn[] {
  const arrivals: Partial<Record<Side, Arrival>> = {};
  let chunk: Bytes | undefined;
  const session = new Session(
    (side, frame, step) => {
      if (chunk === undefined) return;
      if (side === 'client') turns.asked(frame, step, arrivals.client ?? arrivalOf(chunk));
      else turns.answered(frame, step, chunk.at);
      arrivals[side] = arrivalOf(chunk);
    },
    { midway: beginsMidway(conversation) },
  );
  const turns = new Turns(session.prepared);
  for (const { side, bytes } of conversation.state) session.feed(side, bytes);
  for (chunk of conversation.bytes) {
    if (chunk.lostBefore === true) session.lose();
    if (chunk.anchor === true && !session.quiet) {
      session.resume();
      turns.lost();
    }
    if (session.atBoundary(chunk.side)) arrivals[chunk.side] = arrivalOf(chunk);
    session.feed(chunk.side, chunk.bytes);
    if (session.phase === 'lost') turns.lost();
  }
  // What waits at the end of a recording that was cut may well have been answered.
  if (conversation.gaps.length > 0) turns.lost();
  return turns.finished();
}

/** A start-up packet is shorter than 10,000 bytes, so the first byte of its length is 0; no message type is. */
function beginsMidway({ state, bytes: [first] }: Conversation): boolean {
  return state.length === 0 && first !== undefined && (first.side === 'server' || first.bytes[0] !== 0);
}

function arrivalOf({ at, openInbound, owner }: Bytes): Arrival {
  return { at, openInbound, ...(owner && { owner }) };
}

function isCommand(turn: Turn, executed: ReadonlySet<Uint8Array | undefined>): boolean {
  if (turn.outcome === 'dropped') return false;
  if (turn.outcome === 'failed' || turn.asks !== 'nothing') return true;
  return turn.parsesHere && turn.statement !== undefined && !executed.has(turn.statement.parse);
}

function commandOf(
  turn: Turn,
  { id: conversation, protocol, vantage, peer, endedAt }: Conversation,
  id: string,
): Command {
  const error = errorOf(turn.response);
  const rows = rowsOf(turn.response);
  const parameters = parametersOf(turn);
  return {
    kind: 'command',
    id,
    conversation,
    protocol,
    vantage,
    peer,
    summary: turn.sql === undefined ? UNKNOWN_STATEMENT : summariseSql(turn.sql),
    startedAt: turn.arrival.at,
    endedAt: turn.answeredAt ?? endedAt,
    request: [...earlierQuestions(turn), ...turn.request],
    response: [...earlierAnswers(turn), ...turn.response],
    ...(error && { error }),
    ...(parameters.length > 0 && { parameters }),
    ...(rows !== undefined && { rows }),
    ...(turn.pushed.length > 0 && { pushed: turn.pushed }),
    ...(turn.cut && { cut: true }),
    openInbound: turn.arrival.openInbound,
    ...(turn.arrival.owner && { owner: turn.arrival.owner }),
  };
}

function earlierQuestions({ statement, portal, parsesHere, bindsHere }: Turn): Uint8Array[] {
  return [
    ...(statement === undefined || parsesHere ? [] : [statement.parse]),
    ...(portal === undefined || bindsHere ? [] : [portal.bind]),
  ];
}

function earlierAnswers({ statement, parsesHere, response }: Turn): Uint8Array[] {
  if (statement === undefined || parsesHere) return [];
  const types = new Set(response.map((bytes) => messageFrame(bytes).type));
  return [
    encodeBackend({ kind: 'parse-complete' }),
    ...(statement.parameters === undefined || types.has('t') ? [] : [statement.parameters]),
    ...(statement.rows === undefined || types.has('T') || types.has('n') ? [] : [statement.rows]),
  ];
}

/** As text, by the types the server told, else by those the client declared. */
function parametersOf({ request, portal, statement }: Turn): readonly (string | null)[] {
  const bytes = request.find(([type]) => type === 0x42) ?? portal?.bind;
  const bind = bytes && decodeFrontend(messageFrame(bytes));
  if (bind?.kind !== 'bind') return [];
  const told = statement?.parameters && decodeBackend(messageFrame(statement.parameters));
  const parse = statement && decodeFrontend(messageFrame(statement.parse));
  const declared = parse?.kind === 'parse' ? parse.types : [];
  const types = told?.kind === 'parameter-description' ? told.types : declared;
  return bind.values.map((value, index) => canonical(value, types[index] ?? 0, formatOf(bind.formats, index)));
}

function errorOf(response: readonly Uint8Array[]): CommandError | undefined {
  const bytes = response.find(([type]) => type === 0x45);
  const report = bytes && decodeBackend(messageFrame(bytes));
  if (report?.kind !== 'error') return undefined;
  return { code: reportField(report.fields, 'C'), message: reportField(report.fields, 'M') };
}

/** The counts of its tags (`INSERT 0 5`, `SELECT 2`), else the rows that came; undefined for what counts nothing (`BEGIN`). */
function rowsOf(response: readonly Uint8Array[]): number | undefined {
  let rows = 0;
  let counted: number | undefined;
  for (const bytes of response) {
    if (bytes[0] === 0x44) rows++;
    if (bytes[0] !== 0x43) continue;
    const complete = decodeBackend(messageFrame(bytes));
    const count = complete?.kind === 'command-complete' ? /\d+$/.exec(complete.tag)?.[0] : undefined;
    if (count !== undefined) counted = (counted ?? 0) + Number(count);
  }
  return counted ?? (rows > 0 ? rows : undefined);
}
