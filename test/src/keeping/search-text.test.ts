import { expect, it } from 'vitest';
import { searchText } from '../../../src/keeping/search-text.ts';
import { commandView, exchangeView, loopView, messageView } from '../../support/loop-view.ts';

const pricing = { service: 'pricing', instance: 'p', direction: 'inbound' } as const;

it('has what each service said under its name: addresses, statements, errors, bodies', () => {
  const view = loopView(
    [
      exchangeView('a', { path: '/orders/7', response: messageView('{"total":"none"}') }),
      exchangeView('b', { vantage: pricing, path: '/prices', status: 500, details: 'upstream_reset', flags: ['UF'] }),
    ],
    [
      commandView('c', 'a', {
        summary: 'INSERT INTO orders',
        parameters: ['7', null],
        error: { code: '23505', message: 'dup' },
      }),
    ],
    { failures: [{ exchange: 'b', role: 'origin', kind: 'status', summary: '500 Internal Server Error' }] },
  );
  expect(searchText(view)).toEqual([
    { service: 'pricing', text: 'GET /prices 500 upstream_reset UF shop\n500 Internal Server Error' },
    { service: 'shop', text: 'GET /orders/7 200   shop\nINSERT INTO orders\n7 \n23505 dup\n{"total":"none"}' },
  ]);
});

it('is bounded, and keeps what failed', () => {
  const long = messageView('x'.repeat(10_000));
  const many = Array.from({ length: 50 }, (_, at) => exchangeView(`e${at}`, { response: long }));
  const failed = exchangeView('f', { vantage: pricing, response: messageView('the failure') });
  const failures = [{ exchange: 'f', role: 'origin', kind: 'status', summary: 'why' }] as const;
  const texts = searchText(loopView([...many, failed], [], { failures: [...failures] }));
  expect(texts[0]?.text).toBe('GET / 200   shop\nwhy\nthe failure');
  expect(texts.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(16_500);
});
