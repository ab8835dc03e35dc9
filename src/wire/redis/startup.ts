import type { Conversation } from '../../domain/conversation.ts';
import { decodeBackend, type Backend } from './backend.ts';
import { decodeCommands } from './commands.ts';
import { frameOf } from './framing.ts';
import { decodeFrontend } from './frontend.ts';
import { fullName } from './language/commands.ts';
import { textOf } from './language/replies.ts';
import { Session } from './session.ts';

/** What the server told of itself by HELLO and INFO (`version`, `redis_version`, `mode`, `role`, …), latest values; empty when the recording does not hold it. */
export function recordedParameters(conversation: Conversation): ReadonlyMap<string, string> {
  const session = new Session({ asked: () => undefined, said: () => undefined, mistaken: () => undefined });
  for (const { side, bytes } of conversation.state) session.feed(side, bytes);
  const told = new Map<string, string>();
  if (session.held.hello !== undefined) addHello(decodeBackend(frameOf('server', session.held.hello)), told);
  for (const { request, response } of decodeCommands(conversation)) {
    const [bytes] = request;
    const asked = bytes && decodeFrontend(frameOf('client', bytes));
    const answer = response.at(-1);
    const reply = answer && decodeBackend(frameOf('server', answer));
    if (asked === undefined || reply === undefined) continue;
    if (fullName(asked) === 'HELLO') addHello(reply, told);
    if (fullName(asked) === 'INFO') addInfo(textOf(reply) ?? '', told);
  }
  return told;
}

function addHello(reply: Backend | undefined, told: Map<string, string>): void {
  const items = reply?.kind === 'map' ? reply.entries.flat() : reply?.kind === 'array' ? reply.items : [];
  for (let at = 0; at + 1 < items.length; at += 2) {
    const [name, value] = [textOf(items[at]), textOf(items[at + 1])];
    if (name !== undefined && value !== undefined) told.set(name, value);
  }
}

function addInfo(text: string, told: Map<string, string>): void {
  for (const [, name, value] of text.matchAll(/^(\w+):([^\r\n]*)/gm))
    if (name !== undefined) told.set(name, value ?? '');
}
