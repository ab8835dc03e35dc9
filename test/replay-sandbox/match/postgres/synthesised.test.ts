import { describe, expect, it } from 'vitest';
import { isRead, sessionAnswer, synthesisedTag } from '../../../../replay-sandbox/match/postgres/synthesised.ts';

describe('statements that need no recording', () => {
  it('have their tag', () => {
    const tags = [
      'BEGIN ISOLATION LEVEL SERIALIZABLE',
      'end',
      'abort',
      'rollback to savepoint a',
      'release savepoint a',
      'set local a = 1',
      'reset all',
      'deallocate all',
      'deallocate x',
      'unlisten *',
    ];
    expect(tags.map(synthesisedTag)).toEqual([
      'BEGIN',
      'COMMIT',
      'ROLLBACK',
      'ROLLBACK',
      'RELEASE',
      'SET',
      'RESET',
      'DEALLOCATE ALL',
      'DEALLOCATE',
      'UNLISTEN',
    ]);
  });

  it('are few', () => {
    expect(
      ['select 1', "commit prepared 'x'", 'settle', 'show timezone', 'discard plans', 'begin; select 1'].map(
        synthesisedTag,
      ),
    ).toEqual(Array(6).fill(undefined));
  });
});

describe('reads', () => {
  it('may be answered again', () => {
    expect(
      [
        'select 1',
        'with a as (select 1) select * from a',
        'show timezone',
        'values (1)',
        'table t',
        'explain select 1',
      ].map(isRead),
    ).toEqual([true, true, true, true, true, true]);
  });

  it('are not what changes data on the way', () => {
    expect(
      [
        'insert into a values (1)',
        'with a as (delete from t returning 1) select * from a',
        "select nextval('s')",
        'select 1 into t',
        'update t set a = 1',
      ].map(isRead),
    ).toEqual([false, false, false, false, false]);
  });
});

describe('what is asked of the session itself', () => {
  const settings = new Map([
    ['server_version', '18.4'],
    ['TimeZone', 'CET'],
  ]);
  const answer = (sql: string): string | undefined => sessionAnswer(sql, settings)?.value;

  it('is answered without a recording', () => {
    expect(['select 1', 'SHOW server_version', 'show timezone', 'SHOW TIME ZONE'].map(answer)).toEqual([
      '1',
      '18.4',
      'CET',
      'CET',
    ]);
    expect(['SHOW TRANSACTION ISOLATION LEVEL', 'show transaction_isolation'].map(answer)).toEqual([
      'read committed',
      'read committed',
    ]);
  });

  it('is nothing else', () => {
    expect(['select 2', 'select 1, 2', 'show work_mem', 'show all', 'select now()'].map(answer)).toEqual(
      Array.from({ length: 5 }),
    );
  });
});
