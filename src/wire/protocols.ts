import { postgres } from './postgres/protocol.ts';
import type { ConversationProtocol } from './protocol.ts';
import { redis } from './redis/protocol.ts';

/** Every database and broker protocol that is understood. A new one adds its folder and one line here. */
const PROTOCOLS: readonly ConversationProtocol[] = [postgres, redis];

const byName: ReadonlyMap<string, ConversationProtocol> = new Map(
  PROTOCOLS.map((protocol) => [protocol.name, protocol]),
);

/** Undefined for a protocol that nothing here understands: its bytes are recorded as they are. */
export function conversationProtocol(name: string): ConversationProtocol | undefined {
  return byName.get(name);
}
