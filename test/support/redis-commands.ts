/** Recorded Redis commands as tests write them down: words, and replies as on the wire with `|` for line ends. */
import type { AnswerSource } from '../../replay-sandbox/match/call.ts';
import type { CommandAnswer } from '../../replay-sandbox/match/command.ts';
import { questionOf, type Question } from '../../replay-sandbox/match/redis/recorded.ts';
import { parseRecorderId, streamId } from '../../src/domain/ids.ts';
import { commandOf } from '../../src/wire/redis/frontend.ts';
import { decodeCommands } from '../../src/wire/redis/commands.ts';
import { client, conversation, server, type Sent } from './redis-wire.ts';

/** A command and its replies. */
export function said(command: string | Uint8Array, ...replies: readonly string[]): readonly Sent[] {
  return replies.length === 0 ? [client(command)] : [client(command), server(...replies)];
}

/** The commands of one recorded connection; `connection` numbers it. */
export function recorded(
  sent: readonly (readonly Sent[])[],
  connection = 1,
  source: AnswerSource = 'loop',
): readonly CommandAnswer[] {
  const recorder = parseRecorderId('00000000000000aa');
  if (recorder === undefined) throw new Error('not a recorder id');
  return decodeCommands(conversation(sent.flat(), { id: streamId(recorder, connection) })).map((command) => ({
    command,
    source,
  }));
}

export function asks(words: string, database = 0): Question {
  return questionOf(commandOf(...words.split(' ')).args, database);
}
