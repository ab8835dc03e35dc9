import { expect, test } from 'vitest';
import { railsOf } from '../../../../console/src/loop/rails.ts';
import { rowsOf } from '../../../../console/src/loop/tree.ts';
import { exchangeView, loopView } from '../../../support/console-views.ts';

test('a line goes on past a row where something hangs below it, and ends at the last', () => {
  const under = (exchange: string) => ({ parent: { exchange, confidence: 'context' as const } });
  const exchanges = [
    exchangeView('1'),
    exchangeView('2', under('1')),
    exchangeView('3', under('2')),
    exchangeView('4', under('2')),
    exchangeView('5', under('1')),
    exchangeView('6', under('5')),
  ];
  const drawn = railsOf(rowsOf(loopView({ exchanges }))).map(({ through, last }, index) =>
    index === 0 ? '·' : `${through.map((on) => (on ? '│' : ' ')).join('')}${last ? '└' : '├'}`,
  );
  expect(drawn).toEqual(['·', '├', '│├', '│└', '└', ' └']);
});
