import type { Command } from '../../src/domain/conversation.ts';
import type { AnswerSource } from './call.ts';

/** One recorded command of a database or broker, and where it comes from. */
export interface CommandAnswer {
  readonly command: Command;
  readonly source: AnswerSource;
  /** For nobody who asks with other values. */
  readonly onlySame?: true;
  /** Of a good transaction: for an insert of its kind that the loop has no answer for. */
  readonly standsIn?: true;
  /** Before it is given, beyond the time it takes by itself. */
  readonly delayMs?: number;
}
