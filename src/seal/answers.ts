/** What commands of databases were answered, for everybody, until there is no more room in the view. Nothing in it that `redact` has not seen. */
import type { Command } from '../domain/conversation.ts';
import { viewRows } from './postgres-rows.ts';
import type { Redactor } from './redact.ts';
import { viewReply } from './redis-answer.ts';
import { Room } from './shown-value.ts';
import type { CommandView } from './view-schema.ts';

/** Characters read for one command, and for one view; it takes as long as with bodies (src/seal/view.ts). */
const OF_COMMAND = 16 * 1024;
const OF_VIEW = 512 * 1024;

/** Of one view. */
export class AnswerViewer {
  readonly #redact: Redactor;
  readonly #room = new Room(OF_VIEW);

  constructor(redact: Redactor) {
    this.#redact = redact;
  }

  view(command: Command): Pick<CommandView, 'answers'> {
    if (this.#room.full) return {};
    const room = new Room(OF_COMMAND, this.#room);
    if (command.protocol === 'postgres') {
      const answers = viewRows(command, this.#redact, room);
      return answers.length === 0 ? {} : { answers: [...answers] };
    }
    const reply = command.protocol === 'redis' ? viewReply(command, this.#redact, room) : undefined;
    return reply === undefined ? {} : { answers: [reply] };
  }
}
