import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../../../console/src/loop/tree.ts';
import { askedOf, guessOf, markOf, nameOf, outcomeOf, statusText } from '../../../../console/src/loop/words.ts';
import { commandView, exchangeView, loopView, messageView } from '../../../support/console-views.ts';

function said(more: Parameters<typeof loopView>[0]): readonly string[] {
  return rowsOf(loopView(more)).map((row) =>
    [nameOf(row), askedOf(row), outcomeOf(row).text, markOf(row)?.text].filter((one) => one !== undefined).join(' | '),
  );
}

describe('what is said of a row', () => {
  test('who asked whom for what, how it went, and its part in the failure', () => {
    const exchanges = [
      exchangeView('1', { status: 502, flags: ['UF'] }),
      exchangeView('2', {
        vantage: { service: 'orders', instance: 'o', direction: 'outbound' },
        peer: { name: 'pricing.shop' },
        method: 'POST',
        path: '/quotes\u0000',
      }),
    ];
    const commands = [
      commandView('c/1', '2', { rows: 1 }),
      commandView('c/2', '2', {
        summary: 'INSERT\n1',
        peer: { name: 'orders-db' },
        error: { code: '22P02', message: 'no' },
      }),
    ];
    const failures = [
      { exchange: '1', role: 'victim', kind: 'status', summary: '502' },
      { exchange: '2', role: 'origin', kind: 'status', summary: '500' },
    ] as const;
    expect(said({ exchanges, commands, failures: [...failures] })).toEqual([
      'orders | GET /orders/7 | 502 UF | victim',
      'orders → pricing.shop | POST /quotes\\u0000 | 200 | began here',
      'postgres.shop | SELECT 1 | 1 row',
      String.raw`postgres orders-db | INSERT\n1 | 22P02`,
    ]);
  });

  test('the status of gRPC stands in its trailers', () => {
    const response = messageView('', 'application/grpc', { trailers: [{ name: 'grpc-status', value: '13' }] });
    expect(statusText(exchangeView('1', { response }))).toBe('grpc 13');
  });

  test('a guess says what spoke for it', () => {
    const exchanges = [
      exchangeView('1', {
        parent: {
          exchange: 'x',
          confidence: 'inferred',
          flow: { certainty: 0.934, evidence: ['order_id', 'right behind it'] },
        },
      }),
      exchangeView('2', { parent: { exchange: 'x', confidence: 'inferred' } }),
      exchangeView('3'),
    ];
    const commands = [commandView('c/1', '3', { attribution: 'candidate' })];
    expect(rowsOf(loopView({ exchanges, commands })).map(guessOf)).toEqual([
      'Placed by what flows, certainty 0.93: order_id, right behind it.',
      'Placed by time and instance: it carried no trace context of its own.',
      undefined,
      'It may belong to another request: several were open at this instance.',
    ]);
  });
});
