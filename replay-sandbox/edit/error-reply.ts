/** An error of the server's own in place of a recorded answer. */
import type { Command, CommandError } from '../../src/domain/conversation.ts';
import { encodeBackend } from '../../src/wire/postgres/backend.ts';
import { messageFrame } from '../../src/wire/postgres/framing.ts';

const MADE_UP = 'made up by loopctl: this dependency fails';
/** io_error: nothing that a client sent has caused it. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const IO_ERROR = '58030';
/** What comes of Parse and Describe stays: a server that fails while it runs a statement has told of it before. */
const PREPARATION: ReadonlySet<string> = new Set(['1', '2', 't', 'T', 'n']);

/** Transaction control stays: it asks for nothing that could fail so. */
export function errorReply(command: Command): Pick<Command, 'response' | 'error'> | undefined {
  if (command.protocol === 'redis')
    return { response: [Buffer.from(`-ERR ${MADE_UP}\r\n`)], error: { code: 'ERR', message: MADE_UP } };
  if (command.protocol !== 'postgres' || /^(?:BEGIN|COMMIT|ROLLBACK|SET)\b/i.test(command.summary)) return undefined;
  const error: CommandError = { code: IO_ERROR, message: MADE_UP };
  const kept = command.response.filter((message) => PREPARATION.has(messageFrame(message).type));
  const ready = command.response.filter((message) => messageFrame(message).type === 'Z');
  return { response: [...kept, errorMessage(error), ...ready], error };
}

function errorMessage({ code, message }: CommandError): Uint8Array {
  const fields = [
    ['S', 'ERROR'],
    ['V', 'ERROR'],
    ['C', code],
    ['M', message],
  ] as const;
  return encodeBackend({ kind: 'error', fields });
}
