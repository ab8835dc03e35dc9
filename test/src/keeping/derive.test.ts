import { expect, test } from 'vitest';
import { derive, present } from '../../../src/keeping/derive.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { exchangeSegments } from '../../support/recording.ts';
import { loopId, RECORDER, T0, transactionKey } from '../../support/transaction.ts';

test('a part whose streams began in a part that was lost: when it came is told, and what is missing', () => {
  const [, ...behind] = exchangeSegments(1, 'orders', 'inbound', { path: '/orders', answer: { status: 500 } });
  const parts = [{ recorder: RECORDER, overwritten: 0, records: encodeSegments(behind) }];
  const recorded = { id: loopId(1), purpose: 'failure', subject: '', transaction: transactionKey(), parts } as const;
  const { summary } = present(recorded, derive(recorded), createRedactor(redactionKey(newDataKey())));
  expect(summary).toMatchObject({
    startedAt: T0 + 1,
    durationMs: 0,
    service: '?',
    exchanges: 0,
    holes: ['a stream whose beginning is missing cannot be placed'],
  });
});
