import { describe, expect, test } from 'vitest';
import { foldable, moveOf, seenRows } from '../../../../console/src/loop/folding.ts';
import { rowsOf } from '../../../../console/src/loop/tree.ts';
import { exchangeView, loopView } from '../../../support/console-views.ts';

const under = (exchange: string) => ({ parent: { exchange, confidence: 'context' as const } });
/** 1 > (2 > 3, 4), 5 */
const ROWS = rowsOf(
  loopView({
    exchanges: [
      exchangeView('1'),
      exchangeView('2', under('1')),
      exchangeView('3', under('2')),
      exchangeView('4', under('1')),
      exchangeView('5'),
    ],
  }),
);
const PARENTS = foldable(ROWS);

test('what is folded hides all below it, and nothing else', () => {
  const ids = (...folded: readonly string[]) => seenRows(ROWS, new Set(folded)).map(({ id }) => id);
  expect(ids()).toEqual(['1', '2', '3', '4', '5']);
  expect(ids('2')).toEqual(['1', '2', '4', '5']);
  expect(ids('1', '2')).toEqual(['1', '5']);
});

describe('keys', () => {
  const press = (key: string, at: string, ...folded: readonly string[]) => {
    const away = new Set(folded);
    return moveOf(key, at, seenRows(ROWS, away), away, PARENTS);
  };

  test.each([
    ['ArrowDown', '2', '3'],
    ['ArrowUp', '2', '1'],
    ['Home', '4', '1'],
    ['End', '1', '5'],
    ['ArrowRight', '1', '2'],
    ['ArrowLeft', '3', '2'],
  ])('%s at %s leads to %s', (key, at, to) => {
    expect(press(key, at)).toEqual({ kind: 'focus', id: to });
  });

  test('arrows to the sides fold and unfold', () => {
    expect(press('ArrowLeft', '2')).toEqual({ kind: 'fold', id: '2' });
    expect(press('ArrowRight', '2', '2')).toEqual({ kind: 'unfold', id: '2' });
    expect(press('ArrowLeft', '2', '2')).toEqual({ kind: 'focus', id: '1' });
    expect(press('ArrowDown', '2', '2')).toEqual({ kind: 'focus', id: '4' });
  });

  test('Enter and space open; the ends are ends; other keys are not ours', () => {
    expect(press('Enter', '3')).toEqual({ kind: 'open', id: '3' });
    expect(press(' ', '3')).toEqual({ kind: 'open', id: '3' });
    expect(press('ArrowDown', '5')).toBeUndefined();
    expect(press('ArrowUp', '1')).toBeUndefined();
    expect(press('ArrowRight', '3')).toBeUndefined();
    expect(press('x', '3')).toBeUndefined();
    expect(press('ArrowDown', 'gone')).toBeUndefined();
  });
});
