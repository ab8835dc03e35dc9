import { describe, expect, test } from 'vitest';
import { railsOf } from '../../../../console/src/loop/rails.ts';
import { rowsOf, spanOf, type Row } from '../../../../console/src/loop/tree.ts';
import { AT, commandView, exchangeView, loopView } from '../../../support/console-views.ts';

function drawn(rows: readonly Row[]): readonly string[] {
  return rows.map(({ id, depth, kind }) => `${'  '.repeat(depth)}${kind} ${id}`);
}

const under = (exchange: string) => ({ parent: { exchange, confidence: 'context' as const } });

describe('the rows of a loop', () => {
  test('exchanges hang under their callers, commands under the exchange they were made for, by time', () => {
    const view = loopView({
      exchanges: [
        exchangeView('a.1'),
        exchangeView('a.2', { ...under('a.1'), startedAt: AT + 1 }),
        exchangeView('a.3', { ...under('a.1'), startedAt: AT + 5 }),
      ],
      commands: [commandView('c.9/1', 'a.1', { startedAt: AT + 3 }), commandView('c.9/2', 'a.2')],
    });
    expect(drawn(rowsOf(view))).toEqual([
      'exchange a.1',
      '  exchange a.2',
      '    command c.9/2',
      '  command c.9/1',
      '  exchange a.3',
    ]);
  });

  test('tries and holes stand where they were, the rest at the end', () => {
    const attempt = { id: 't.1', number: 1, startedAt: AT, endedAt: AT + 2 };
    const conversation = {
      id: 'c.4',
      vantage: exchangeView('x').vantage,
      peer: { name: 'redis.shop' },
      protocol: 'redis',
      startedAt: AT,
      endedAt: AT,
      bytes: 0,
      gaps: [],
      refused: '503 UF',
    };
    const view = loopView({
      exchanges: [
        exchangeView('a.1', { attempts: [attempt] }),
        exchangeView('a.2', { ...under('a.1'), gaps: [{ side: 'server', reason: 'budget', bytes: 99 }] }),
      ],
      commands: [commandView('c.9/1', 'gone')],
      conversations: [conversation],
      holes: [
        { where: 'a.1', what: 'half of it' },
        { where: 'transaction', what: 'the beginning' },
      ],
    });
    const rows = rowsOf(view);
    expect(drawn(rows)).toEqual([
      'exchange a.1',
      '  attempt attempt-t.1',
      '  hole hole-a.1-0',
      '  exchange a.2',
      '    hole hole-a.2-0',
      'command c.9/1',
      'refused c.4',
      'hole hole-1',
    ]);
    expect(rows.flatMap((row) => (row.kind === 'hole' ? [row.what] : []))).toEqual([
      'half of it',
      '99 bytes of the answer (budget)',
      'the beginning',
    ]);
  });

  test('links that close a circle, or lead nowhere, hide nothing and end', () => {
    const view = loopView({
      exchanges: [
        exchangeView('a.1', under('a.2')),
        exchangeView('a.2', under('a.1')),
        exchangeView('a.3', under('gone')),
        exchangeView('a.4', under('a.4')),
      ],
    });
    expect(drawn(rowsOf(view))).toEqual(['exchange a.3', 'exchange a.1', '  exchange a.2', 'exchange a.4']);
  });

  test('ten thousand exchanges under each other take no stack', () => {
    const exchanges = Array.from({ length: 10_000 }, (_, index) =>
      exchangeView(`a.${index}`, index === 0 ? {} : under(`a.${index - 1}`)),
    );
    const rows = rowsOf(loopView({ exchanges }));
    expect(rows.at(-1)?.depth).toBe(9999);
    expect(railsOf(rows)).toHaveLength(10_000);
  });

  test('the failure of an exchange is its own', () => {
    const failure = { exchange: 'a.2', role: 'origin', kind: 'status', summary: '500' } as const;
    const rows = rowsOf(loopView({ exchanges: [exchangeView('a.1'), exchangeView('a.2')], failures: [failure] }));
    expect(rows).toMatchObject([{ id: 'a.1' }, { id: 'a.2', failure: { role: 'origin' } }]);
  });
});

test('the span is from the first beginning to the last end, and nothing is no time', () => {
  const view = loopView({
    exchanges: [exchangeView('a.1')],
    commands: [commandView('c.1/1', 'a.1', { endedAt: AT + 40 })],
  });
  expect(spanOf(view)).toEqual({ startedAt: AT, endedAt: AT + 40 });
  expect(spanOf(loopView())).toEqual({ startedAt: 0, endedAt: 0 });
});
