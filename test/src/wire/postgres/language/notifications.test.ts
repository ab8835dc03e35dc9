import { describe, expect, it } from 'vitest';
import type { Backend } from '../../../../../src/wire/postgres/backend.ts';
import { recordedNotifications } from '../../../../../src/wire/postgres/language/notifications.ts';
import { client, complete, conversation, handshake, query, ready, server } from '../../../../support/postgres-wire.ts';

function heard(channel: string, payload: string): Backend {
  return { kind: 'notification', process: 9, channel, payload };
}

describe('notifications of a connection', () => {
  it('are read within an answer, and while nothing is asked', () => {
    const listened = conversation([
      ...handshake,
      client(query('listen news')),
      server(complete('LISTEN'), heard('news', 'at once'), ready()),
      server(heard('news', 'later')),
    ]);
    expect(recordedNotifications(listened)).toEqual([
      { at: 40, process: 9, channel: 'news', payload: 'at once' },
      { at: 50, process: 9, channel: 'news', payload: 'later' },
    ]);
  });

  it('are read where the recording begins in the middle', () => {
    expect(recordedNotifications(conversation([server(heard('news', 'x'))]))).toMatchObject([{ payload: 'x' }]);
  });

  it('behind lost bytes are read again from the next anchor', () => {
    const holed = conversation([
      ...handshake,
      { ...server(heard('news', 'lost')), lostBefore: true },
      { ...server(heard('news', 'found')), anchor: true },
    ]);
    expect(recordedNotifications(holed)).toMatchObject([{ payload: 'found' }]);
  });
});
