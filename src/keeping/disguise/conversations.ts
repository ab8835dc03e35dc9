/** Every protocol whose records can be kept without originals. A new one adds its folder and one line here. */
import type { Disguise } from './disguise.ts';
import { ConversationDisguise as Postgres } from './postgres/conversation.ts';
import { ConversationDisguise as Redis } from './redis/conversation.ts';

/** One connection, piece by piece. */
export interface DisguisedConversation {
  feed(side: 'client' | 'server', bytes: Uint8Array): { readonly bytes: Uint8Array; readonly found: boolean };
  lose(): void;
  resume(): void;
}

/** `midway`: the bytes begin in an established connection. */
type Make = (disguise: Disguise, midway: boolean) => DisguisedConversation;

const CONVERSATIONS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['postgres', (disguise, midway) => new Postgres(disguise, midway)],
  // A connection has no beginning of its own.
  ['redis', (disguise) => new Redis(disguise)],
]);

/** Undefined for a protocol that nobody here can write. */
export function conversationDisguise(
  protocol: string,
  disguise: Disguise,
  midway: () => boolean,
): DisguisedConversation | undefined {
  return CONVERSATIONS.get(protocol)?.(disguise, midway());
}
