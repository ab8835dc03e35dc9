import type { Bytes, Command, Conversation } from '../../domain/conversation.ts';
import { decodeBackend, type Backend } from './backend.ts';
import { frameOf, type Side } from './framing.ts';
import { nameOf } from './frontend.ts';
import { errorIn, itemsOf } from './language/replies.ts';
import { summarise } from './language/summary.ts';
import { Session } from './session.ts';
import { Turns, type Arrival, type Turn } from './turns.ts';

/**
 * One command per command, in the order asked. Inside MULTI each has `QUEUED` and then its own reply out of that of EXEC, which has the
 * whole. What was pushed stands with the command that subscribed to it; a subscription from before the recording is a command when something
 * came of it. An answer that never came stays away. An encrypted connection has none.
 */
export function decodeCommands(conversation: Conversation): readonly Command[] {
  return readTurns(conversation)
    .filter(isCommand)
    .map((turn, index) => commandOf(turn, conversation, `${conversation.id}/${index + 1}`));
}

function readTurns(conversation: Conversation): readonly Turn[] {
  const arrivals: Partial<Record<Side, Arrival>> = {};
  const turns = new Turns();
  let chunk: Bytes | undefined;
  let stated = true;
  const session = new Session({
    asked(frame, step) {
      if (chunk === undefined) return;
      turns.asked(frame, step, arrivals.client ?? arrivalOf(chunk), stated);
      arrivals.client = arrivalOf(chunk);
    },
    said(frame, said) {
      if (chunk !== undefined) turns.said(frame, said, chunk.at);
    },
    mistaken: () => turns.mistaken(),
  });
  for (chunk of conversation.state) session.feed(chunk.side, chunk.bytes);
  stated = false;
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
  return turns.finished();
}

function arrivalOf({ at, openInbound, owner }: Bytes): Arrival {
  return { at, openInbound, ...(owner && { owner }) };
}

function isCommand({ outcome, stated, pushed }: Turn): boolean {
  return outcome !== 'dropped' && (!stated || pushed.length > 0);
}

function commandOf(
  turn: Turn,
  { id: conversation, protocol, vantage, peer, endedAt }: Conversation,
  id: string,
): Command {
  const reply = replyOf(turn);
  const error = errorIn(reply);
  const rows = itemsOf(nameOf(turn.command), reply);
  const startedAt = turn.stated ? (turn.pushed[0]?.at ?? turn.arrival.at) : turn.arrival.at;
  return {
    kind: 'command',
    id,
    conversation,
    protocol,
    vantage,
    peer,
    summary: summarise(turn.command),
    startedAt,
    endedAt: turn.stated || turn.outcome === 'silent' ? startedAt : (turn.answeredAt ?? endedAt),
    request: [turn.request],
    response: turn.response,
    ...(error && { error }),
    ...(rows !== undefined && { rows }),
    ...(turn.pushed.length > 0 && { pushed: turn.pushed }),
    openInbound: turn.arrival.openInbound,
    ...(turn.arrival.owner && { owner: turn.arrival.owner }),
  };
}

/** Confirmations of a subscription count nothing; the answer to EXEC is told by its commands. */
function replyOf({ command, response }: Turn): Backend | undefined {
  const last = response.at(-1);
  const reply = last && decodeBackend(frameOf('server', last));
  return nameOf(command).endsWith('SUBSCRIBE') && reply?.kind !== 'error' ? undefined : reply;
}
