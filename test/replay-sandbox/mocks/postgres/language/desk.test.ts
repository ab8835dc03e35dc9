import { describe, expect, it } from 'vitest';
import { StatementMatcher } from '../../../../../replay-sandbox/match/postgres/matcher.ts';
import { questionOf } from '../../../../../replay-sandbox/match/postgres/recorded.ts';
import { Desk, type DeskOptions } from '../../../../../replay-sandbox/mocks/postgres/language/desk.ts';
import { errorResponse } from '../../../../../replay-sandbox/mocks/postgres/handshake.ts';
import { Run, type StatementCall } from '../../../../../replay-sandbox/mocks/postgres/run.ts';
import { encodeBackend } from '../../../../../src/wire/postgres/backend.ts';
import { queried, recorded } from '../../../../support/postgres-commands.ts';
import { complete, error, row } from '../../../../support/postgres-wire.ts';

const NEWS = encodeBackend({ kind: 'notification', process: 9, channel: 'news', payload: 'x' });

function desk(sent: Parameters<typeof recorded>[0] = [], more: Partial<DeskOptions> = {}) {
  const calls: StatementCall[] = [];
  const own = new Desk({
    matcher: new StatementMatcher(recorded(sent), 'db', () => 0),
    answered: (call) => calls.push(call),
    ...more,
  });
  /** What was sent since: a letter a message. */
  const sentTypes = (): string =>
    own
      .take()
      .map((one) => (one.kind === 'send' ? String.fromCharCode(one.bytes[0] ?? 0) : '!'))
      .join('');
  const run = (sql: string): Run | undefined =>
    own.choose(
      questionOf(sql),
      (question, match) => new Run(question, match, { protocol: 'simple', resultFormats: [], columns: undefined }),
    );
  return { own, calls, sentTypes, run };
}

describe('notifications', () => {
  it('wait for ReadyForQuery, and for the end of a transaction', () => {
    const { own, sentTypes, run } = desk();
    own.aside(NEWS);
    expect(sentTypes()).toBe('');
    own.ready();
    expect(sentTypes()).toBe('AZ');
    own.aside(NEWS);
    expect(sentTypes()).toBe('A');
    own.busy();
    own.give(run('BEGIN') as Run, 0);
    own.ready();
    own.aside(NEWS);
    expect(sentTypes()).toBe('CZ');
    own.give(run('COMMIT') as Run, 0);
    own.ready();
    expect(sentTypes()).toBe('CAZ');
  });
});

describe('an error', () => {
  it('lets everything be passed over until the next ReadyForQuery, which says so', () => {
    const said: string[] = [];
    const { own, sentTypes } = desk([], { reported: (status, failed) => (said.push(`${status} ${failed}`), []) });
    own.fail(errorResponse('XX000', 'no'), 'select 1');
    expect(own.skipping).toBe(true);
    own.ready();
    own.ready();
    expect([own.skipping, sentTypes(), said]).toEqual([false, 'EZZ', ['I true', 'I false']]);
  });

  it('in a transaction is followed by nothing but its end', () => {
    const { own, sentTypes, run, calls } = desk();
    own.give(run('BEGIN') as Run, 0);
    expect(run('select missing')).toBeUndefined();
    expect(run('select 1')).toBeUndefined();
    own.give(run('ROLLBACK') as Run, 0);
    expect([sentTypes(), own.transaction.status]).toEqual(['CEEC', 'I']);
    expect(calls.map(({ grade }) => grade)).toEqual(['synthesised', 'missed', 'synthesised', 'synthesised']);
  });
});

describe('a statement that waits', () => {
  it('to be cancelled gets its recorded error then', () => {
    const cancelled = error('57014', 'canceling statement due to user request');
    const { own, sentTypes, run } = desk(queried('select pg_sleep(9)', cancelled));
    expect(own.give(run('select pg_sleep(9)') as Run, 0)).toBe(false);
    expect([own.waiting, sentTypes()]).toEqual([true, '']);
    own.cancel();
    expect([own.waiting, sentTypes()]).toEqual([false, 'E']);
  });

  it('for nothing takes no cancel', () => {
    const { own, sentTypes, run } = desk(queried('select 5', row('5'), complete('SELECT 1')));
    own.cancel();
    own.release();
    expect(own.give(run('select 5') as Run, 0)).toBe(true);
    expect(sentTypes()).toBe('DC');
  });
});
