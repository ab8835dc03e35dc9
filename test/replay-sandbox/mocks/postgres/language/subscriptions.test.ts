import { describe, expect, it } from 'vitest';
import { Subscriptions } from '../../../../../replay-sandbox/mocks/postgres/language/subscriptions.ts';

function after(...statements: readonly string[]): Subscriptions {
  const subscriptions = new Subscriptions();
  for (const sql of statements) subscriptions.notice(sql);
  return subscriptions;
}

describe('channels listened to', () => {
  it('are named as the server names them', () => {
    const subscriptions = after('listen News', 'LISTEN "Two ""Words"""');
    expect(['news', 'News', 'Two "Words"'].map((channel) => subscriptions.has(channel))).toEqual([true, false, true]);
  });

  it('are left again', () => {
    expect(after('listen a', 'unlisten A').has('a')).toBe(false);
    expect(after('listen a', 'unlisten *').has('a')).toBe(false);
    expect(after('listen a', 'discard all').has('a')).toBe(false);
    expect(after('listen a', 'unlisten b', 'select 1').has('a')).toBe(true);
  });
});
