import { describe, expect, it } from 'vitest';
import { isRead, synthesisedTag } from '../../../../replay-sandbox/match/postgres/synthesised.ts';

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
