import type { ConversationProtocol } from '../protocol.ts';
import { decodeCommands } from './commands.ts';
import { blockChange } from './language/blocks.ts';
import { createRedisTracker } from './tracker.ts';
import { answeredValues, askedValues } from './values.ts';

/** The Redis serialisation protocol, versions 2 and 3. https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export const redis: ConversationProtocol = {
  name: 'redis',
  createTracker: createRedisTracker,
  decodeCommands,
  asked: askedValues,
  answered: answeredValues,
  block: blockChange,
};
