import { describe, expect, it } from 'vitest';
import { placeNotifications } from '../../../../../replay-sandbox/mocks/postgres/language/notifications.ts';
import { parseRecorderId, streamId } from '../../../../../src/domain/ids.ts';
import type { Conversation } from '../../../../../src/domain/conversation.ts';
import { decodeCommands } from '../../../../../src/wire/postgres/commands.ts';
import {
  client,
  complete,
  conversation,
  handshake,
  query,
  ready,
  server,
  type Sent,
} from '../../../../support/postgres-wire.ts';

function connection(number: number, sent: readonly (Sent & { at: number })[]): Conversation {
  const recorder = parseRecorderId('00000000000000aa');
  if (recorder === undefined) throw new Error('not a recorder id');
  return { ...conversation([...handshake, ...sent]), id: streamId(recorder, number) };
}

function asked(at: number, sql: string, tag: string): (Sent & { at: number })[] {
  return [
    { ...client(query(sql)), at },
    { ...server(complete(tag), ready()), at: at + 2 },
  ];
}

function heard(at: number, payload: string, channel = 'news'): Sent & { at: number } {
  return { ...server({ kind: 'notification', process: 9, channel, payload }), at };
}

/** `summary: payload+ms …` */
function places(...conversations: readonly Conversation[]): string[] {
  const commands = conversations
    .flatMap((one) => decodeCommands(one))
    .toSorted((one, other) => one.startedAt - other.startedAt);
  const placed = placeNotifications(commands, conversations);
  return [...placed].map(([id, announced]) => {
    const summary = commands.find((command) => command.id === id)?.summary ?? '';
    return `${summary}: ${announced.map(({ payload, afterMs, own }) => `${payload}+${afterMs}${own ? ' own' : ''}`).join(' ')}`;
  });
}

describe('a notification follows', () => {
  it('the statement that names its channel and says it', () => {
    const listener = connection(1, [...asked(100, 'listen news', 'LISTEN'), heard(205, 'a'), heard(225, 'b')]);
    const notifier = connection(2, [
      ...asked(200, "notify news, 'a'", 'NOTIFY'),
      ...asked(210, "select pg_notify('news', 'b')", 'SELECT 1'),
      ...asked(220, 'select 1', 'SELECT 1'),
    ]);
    expect(places(listener, notifier)).toEqual([
      "notify news, 'a': a+3 own",
      "select pg_notify('news', 'b'): b+13 own",
    ]);
  });

  it('the end of the transaction in which it was said', () => {
    const listener = connection(1, [...asked(100, 'listen news', 'LISTEN'), heard(233, 'a')]);
    const notifier = connection(2, [
      ...asked(200, 'begin', 'BEGIN'),
      ...asked(210, "notify news, 'a'", 'NOTIFY'),
      ...asked(230, 'commit', 'COMMIT'),
    ]);
    expect(places(listener, notifier)).toEqual(['commit: a+1 own']);
  });

  it('whatever came last, when nothing that was recorded said it', () => {
    const listener = connection(1, [...asked(100, 'listen news', 'LISTEN'), heard(150, 'from elsewhere')]);
    expect(places(listener)).toEqual(['listen news: from elsewhere+48']);
  });

  it('once, though several connections heard it', () => {
    const first = connection(1, [...asked(100, 'listen news', 'LISTEN'), heard(205, 'a')]);
    const second = connection(2, [...asked(110, 'listen news', 'LISTEN'), heard(206, 'a')]);
    const notifier = connection(3, asked(200, "notify news, 'a'", 'NOTIFY'));
    expect(places(first, second, notifier)).toEqual(["notify news, 'a': a+3 own"]);
  });
});
