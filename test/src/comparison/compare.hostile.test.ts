import fc from 'fast-check';
import { expect, it } from 'vitest';
import { align } from '../../../src/comparison/align.ts';
import { compareLoops } from '../../../src/comparison/compare.ts';
import { LIMITS } from '../../../src/comparison/limits.ts';
import { commandView, exchangeView, loopView, messageView } from '../../support/loop-view.ts';
import { loopSummary } from '../../support/transaction.ts';

function answered(left: string, right: string, type?: string) {
  const of = (text: string) => ({
    summary: loopSummary(1),
    view: loopView([exchangeView('a', { response: messageView(text, {}, type) })]),
  });
  return compareLoops(of(left), of(right));
}

it('takes any two texts of any type, and finds none to differ from itself', () => {
  const text = fc.oneof(fc.string({ maxLength: 300 }), fc.json(), fc.string({ unit: 'binary', maxLength: 200 }));
  const type = fc.constantFrom(
    'application/json',
    'text/plain',
    'application/grpc',
    'application/x-www-form-urlencoded',
  );
  fc.assert(
    fc.property(text, text, type, (left, right, kind) => {
      expect(answered(left, left, kind).pairs[0]?.differences).toEqual([]);
      const { pairs } = answered(left, right, kind);
      expect(pairs).toHaveLength(1);
    }),
  );
});

it('aligns every line of both sides once, in order, equal ones only beside equal ones where it skips', () => {
  const lists = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });
  fc.assert(
    fc.property(lists, lists, (left, right) => {
      const rows = align(left, right);
      expect(rows.flatMap((row) => row.left ?? [])).toEqual(left.map((_, at) => at));
      expect(rows.flatMap((row) => row.right ?? [])).toEqual(right.map((_, at) => at));
    }),
  );
});

it('stays within its limits for lists and lines without end, JSON that is very deep, and keys that mean something elsewhere', () => {
  const deep = `${'['.repeat(30_000)}1${']'.repeat(30_000)}`;
  expect(answered(deep, deep.replace('1', '2')).pairs[0]?.verdict).toBe('differs');
  expect(answered('{"__proto__":{"a":1},"constructor":2}', '{"constructor":3}').pairs[0]?.differences).toEqual([
    { path: 'response.body.$.__proto__', left: '{"a":1}', kind: 'missing-right' },
    { path: 'response.body.$.constructor', left: '2', right: '3', kind: 'value' },
  ]);
  const many = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word} ${at}`).join('\n');
  expect(answered(many('left'), many('right'), 'text/plain').notes).toEqual([
    `1 texts have more than ${LIMITS.lines} lines: the others were not compared.`,
  ]);
  const long = JSON.stringify(Array.from({ length: 20_000 }, (_, at) => at));
  expect(answered(long, `[-1,${long.slice(1)}`).pairs[0]?.differences).toEqual([
    { path: 'response.body.$[0]', right: '-1', kind: 'missing-left' },
  ]);
});

it('compares as many entries as it may, and says that there were more', () => {
  const exchanges = Array.from({ length: LIMITS.items + 10 }, (_, at) => exchangeView(`e${at}`, { path: `/${at}` }));
  const commands = Array.from({ length: LIMITS.items + 10 }, (_, at) => commandView(`c${at}`, 'e0'));
  const side = { summary: loopSummary(1), view: loopView(exchanges, commands) };
  const { pairs, notes } = compareLoops(side, side);
  expect(pairs).toHaveLength(2 * LIMITS.items);
  expect(notes).toEqual([`4 lists have more than ${LIMITS.items} entries: the others were not compared.`]);
});

it('reads so much and no more', () => {
  const half = 'x '.repeat(LIMITS.characters / 8);
  const { pairs, notes } = compareLoops(
    {
      summary: loopSummary(1),
      view: loopView(['a', 'b', 'c'].map((id) => exchangeView(id, { response: messageView(half) }))),
    },
    {
      summary: loopSummary(1),
      view: loopView(['a', 'b', 'c'].map((id) => exchangeView(id, { response: messageView(`${half}y`) }))),
    },
  );
  expect(pairs).toHaveLength(3);
  expect(notes.join()).toContain(`the comparison reads ${LIMITS.characters} characters`);
});
