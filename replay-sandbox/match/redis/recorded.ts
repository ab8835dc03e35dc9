/** Recorded commands as questions with their replies, ready to be compared and served; a transaction is one of them. */
import { createHash } from 'node:crypto';
import type { Command, Conversation } from '../../../src/domain/conversation.ts';
import type { StreamId } from '../../../src/domain/ids.ts';
import { decodeBackend, type Backend } from '../../../src/wire/redis/backend.ts';
import { frameOf, Framer } from '../../../src/wire/redis/framing.ts';
import { decodeFrontend, nameOf, wordOf } from '../../../src/wire/redis/frontend.ts';
import { fullName } from '../../../src/wire/redis/language/commands.ts';
import type { AnswerSource } from '../call.ts';
import type { CommandAnswer } from '../command.ts';

/** One command with what it means on its connection: the same for a recorded and for an asked one. */
export interface Question {
  /** In capitals, with the second word where it belongs to it. EVALSHA is EVAL: see `digest`. */
  readonly name: string;
  readonly args: readonly Uint8Array[];
  readonly database: number;
  /** SHA-1 of the script it runs, in hexadecimal. */
  readonly digest?: string;
  readonly form: 'text' | 'digest' | 'plain';
}

export interface RecordedCommand {
  readonly command: Command;
  readonly question: Question;
  /** Inside MULTI its own, out of that of EXEC. Undefined: it never came, or nobody asked for one. */
  readonly reply: Backend | undefined;
  /** Inside MULTI, what it got at once: QUEUED, or an error. */
  readonly queued: Backend | undefined;
}

/** A command, or a transaction: then `command` is its EXEC, and `questions` are those of its commands. */
export interface Recorded extends RecordedCommand {
  readonly source: AnswerSource;
  readonly onlySame?: true | undefined;
  readonly conversation: StreamId;
  readonly inside: readonly RecordedCommand[];
  readonly questions: readonly Question[];
  readonly kind: 'command' | 'transaction';
}

const SCRIPTS: Readonly<Record<string, readonly [name: string, form: Question['form']]>> = {
  EVAL: ['EVAL', 'text'],
  EVALSHA: ['EVAL', 'digest'],
  EVAL_RO: ['EVAL_RO', 'text'],
  EVALSHA_RO: ['EVAL_RO', 'digest'],
};

export function questionOf(args: readonly Uint8Array[], database: number): Question {
  const script = SCRIPTS[nameOf({ args })];
  if (script === undefined) return { name: fullName({ args }), args, database, form: 'plain' };
  const [name, form] = script;
  const text = args[1] ?? new Uint8Array(0);
  const digest = form === 'text' ? digestOf(text) : Buffer.from(text).toString('latin1').toLowerCase();
  return { name, args, database, digest, form };
}

export function digestOf(script: Uint8Array): string {
  return createHash('sha1').update(script).digest('hex');
}

/** In recorded order, a transaction where its EXEC stands. `conversations` tell the database from before the recording. */
export function readRecorded(
  answers: readonly CommandAnswer[],
  conversations: readonly Conversation[],
): readonly Recorded[] {
  const databases = new Map<StreamId, number>(
    conversations.map((conversation) => [conversation.id, statedDatabase(conversation)]),
  );
  const open = new Map<StreamId, RecordedCommand[]>();
  const recorded: Recorded[] = [];
  for (const { command, source, onlySame } of answers) {
    const { conversation } = command;
    const read = readCommand(command, databases.get(conversation) ?? 0);
    if (read === undefined) continue;
    const { name } = read.question;
    const inside = open.get(conversation);
    if (name === 'SELECT' && read.reply?.kind === 'simple') databases.set(conversation, databaseOf(read.question.args));
    if (name === 'MULTI' && read.reply?.kind === 'simple') open.set(conversation, []);
    else if (name === 'EXEC' && inside !== undefined) {
      open.delete(conversation);
      const questions = inside.map(({ question }) => question);
      recorded.push({ ...read, source, onlySame, conversation, inside, questions, kind: 'transaction' });
      continue;
    } else if (name === 'DISCARD' || name === 'RESET') open.delete(conversation);
    else if (inside !== undefined) {
      inside.push(read);
      continue;
    }
    recorded.push({ ...read, source, onlySame, conversation, inside: [], questions: [read.question], kind: 'command' });
  }
  return recorded;
}

export function databaseOf(args: readonly Uint8Array[]): number {
  return Number(wordOf(args[1])) || 0;
}

function readCommand(command: Command, database: number): RecordedCommand | undefined {
  const [bytes] = command.request;
  const asked = bytes && decodeFrontend(frameOf('client', bytes));
  if (asked === undefined || asked.args.length === 0) return undefined;
  const replies = command.response.map((reply) => decodeBackend(frameOf('server', reply)));
  return { command, question: questionOf(asked.args, database), reply: replies.at(-1), queued: replies[0] };
}

/** The same with other values in its replies: `text` may give them another length. */
export function rewritten(
  recorded: Recorded,
  change: (bytes: Uint8Array) => Uint8Array,
  text: (value: string) => string = (value) => value,
): Recorded {
  const last = recorded.command.response.at(-1);
  const changed = last && change(last);
  const reply = changed === undefined || changed === last ? recorded.reply : decodeBackend(frameOf('server', changed));
  return reply === undefined ? recorded : { ...recorded, reply: rewrittenReply(reply, text) };
}

function rewrittenReply(reply: Backend, text: (value: string) => string): Backend {
  if ('items' in reply) return { ...reply, items: reply.items.map((item) => rewrittenReply(item, text)) };
  if (reply.kind === 'map') {
    const of = (one: Backend): Backend => rewrittenReply(one, text);
    return { ...reply, entries: reply.entries.map(([key, value]) => [of(key), of(value)]) };
  }
  if (!('data' in reply)) return reply;
  const known = Buffer.from(reply.data).toString('latin1');
  const given = text(known);
  return given === known ? reply : { ...reply, data: Buffer.from(given, 'latin1') };
}

/** State is stated as commands and their answers. */
function statedDatabase({ state }: Conversation): number {
  const framer = new Framer('client');
  let database = 0;
  for (const { side, bytes } of state) if (side === 'client') framer.push(bytes);
  for (let framed = framer.next(); framed.kind === 'command' || framed.kind === 'inline'; framed = framer.next()) {
    const args = decodeFrontend(framed)?.args ?? [];
    if (nameOf({ args }) === 'SELECT') database = databaseOf(args);
  }
  return database;
}
