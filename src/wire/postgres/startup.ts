import type { Conversation } from '../../domain/conversation.ts';
import { Session } from './session.ts';

/** What the server told of itself and the session by ParameterStatus (`server_version`, `TimeZone`, …), latest values; empty when the recording does not hold it. */
export function recordedParameters(conversation: Conversation): ReadonlyMap<string, string> {
  const session = new Session(() => undefined);
  for (const { side, bytes } of [...conversation.state, ...conversation.bytes]) session.feed(side, bytes);
  return session.parameters;
}
