import type { ConversationTracker } from '../protocol.ts';
import { encodeBackend, type Backend } from './backend.ts';
import { commandOf, encodeFrontend } from './frontend.ts';
import type { Side } from './framing.ts';
import type { Held, Subscription } from './held.ts';
import { Session } from './session.ts';

/** Of names of subscriptions, for one connection: a thousand channels of 64 characters. */
const PINNED_BYTES = 65_536;

type Stated = { readonly side: Side; readonly bytes: Uint8Array };

const NOBODY = { asked: () => undefined, said: () => undefined, mistaken: () => undefined };

/** Follows a live connection on the ingest thread: skims, and holds what outlives a transaction, bounded. */
export function createRedisTracker(): ConversationTracker {
  const session = new Session(NOBODY, { reading: 'skim', heldBytes: PINNED_BYTES });
  return {
    bytes(side, chunk) {
      const anchor = session.quiet;
      return session.feed(side, chunk) || anchor;
    },
    answers: () => session.answers,
    errors: () => session.errors,
    gap: () => session.lose(),
    state: () => (session.phase === 'opaque' ? [] : stateOf(session.held, session.mute)),
  };
}

/** A short conversation that leads a codec to where the session is. No user and no password is in it. */
function stateOf(held: Held, mute: boolean): readonly Stated[] {
  return [
    ...(held.version === 3 || held.hello !== undefined ? stateHello(held) : []),
    ...(held.database === 0 ? [] : [asked('SELECT', String(held.database)), said(OK, held)]),
    ...held.settings.flatMap((bytes) => [{ side: 'client', bytes } as const, said(OK, held)]),
    ...stateSubscriptions(held),
    ...(held.monitoring ? [asked('MONITOR'), said(OK, held)] : []),
    ...(mute ? [asked('CLIENT', 'REPLY', 'OFF')] : []),
  ];
}

function stateHello(held: Held): Stated[] {
  const answer = held.hello ?? encodeBackend({ kind: 'map', entries: [[text('proto'), PROTO_3]] }, held.version);
  return [asked('HELLO', String(held.version)), { side: 'server', bytes: answer }];
}

/** One by one: each is confirmed with how many there are by then. */
function stateSubscriptions(held: Held): Stated[] {
  return held.subscriptions.flatMap(({ kind, name }, index) => {
    const word = WORDS[kind];
    const confirmation: Backend = {
      kind: 'push',
      items: [text(word), { kind: 'bulk', data: name }, { kind: 'integer', value: BigInt(index + 1) }],
    };
    return [asked(word.toUpperCase(), name), said(confirmation, held)];
  });
}

const WORDS: Readonly<Record<Subscription['kind'], string>> = {
  channel: 'subscribe',
  pattern: 'psubscribe',
  shard: 'ssubscribe',
};
const OK: Backend = { kind: 'simple', data: Buffer.from('OK') };
const PROTO_3: Backend = { kind: 'integer', value: 3n };

function text(word: string): Backend {
  return { kind: 'bulk', data: Buffer.from(word) };
}

function asked(...words: readonly (string | Uint8Array)[]): Stated {
  return { side: 'client', bytes: encodeFrontend(commandOf(...words)) };
}

function said(reply: Backend, { version }: Held): Stated {
  return { side: 'server', bytes: encodeBackend(reply, version) };
}
