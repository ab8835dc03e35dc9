import type { ConversationProtocol } from '../protocol.ts';
import { decodeCommands } from './commands.ts';
import { blockChange } from './language/blocks.ts';
import { createPostgresTracker } from './tracker.ts';
import { answeredValues, askedValues } from './values.ts';

/** PostgreSQL's frontend/backend protocol, version 3. https://www.postgresql.org/docs/current/protocol.html */
export const postgres: ConversationProtocol = {
  name: 'postgres',
  createTracker: createPostgresTracker,
  decodeCommands,
  asked: askedValues,
  answered: answeredValues,
  block: blockChange,
};
