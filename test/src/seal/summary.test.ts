import { expect, it } from 'vitest';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { buildSummary } from '../../../src/seal/summary.ts';
import {
  attributed,
  command,
  exchange,
  failed,
  fingerprint,
  loopId,
  message,
  stream,
  T0,
  transaction,
  transactionKey,
  vantage,
  verdict,
} from '../../support/transaction.ts';

const redact = createRedactor(redactionKey(newDataKey()));
const facts = { id: loopId(1), purpose: 'failure', bytes: 1234 } as const;

it('tells of the entry, the origin and how much there is, redacted', () => {
  const exchanges = [
    exchange(1, {
      vantage: vantage('gateway'),
      request: message({ ':method': 'POST', ':path': '/pay?token=x' }),
      response: message({ ':status': '502' }),
      endedAt: T0 + 40,
    }),
    exchange(2, { vantage: vantage('pricing') }),
  ];
  const whole = transaction({
    exchanges,
    commands: [attributed(command(0), stream(2))],
    holes: [{ where: 'transaction', what: 'cookie: a=b was lost' }],
  });
  expect(buildSummary(facts, whole, verdict([failed(2, 'origin', { summary: '500 password=x' })]), redact)).toEqual({
    id: loopId(1),
    purpose: 'failure',
    transaction: transactionKey(),
    startedAt: T0,
    durationMs: 40,
    service: 'gateway',
    method: 'POST',
    path: expect.stringMatching(/^\/pay\?token=REDACTED\(/),
    status: 502,
    outcome: 'failed',
    origin: {
      service: 'pricing',
      exchange: stream(2),
      kind: 'status',
      summary: expect.stringMatching(/^500 password=REDACTED\(/),
    },
    fingerprint: fingerprint(0xfee),
    services: ['gateway', 'pricing'],
    versions: ['gateway@1.0.0', 'pricing@1.0.0'],
    exchanges: 2,
    commands: 1,
    bytes: 1234,
    holes: [expect.stringMatching(/^cookie: REDACTED\(/)],
  });
});

it('stands without a status, an origin, or any exchange at all', () => {
  const silent = transaction({ exchanges: [{ ...exchange(1), response: message({ ':status': 'x' }) }] });
  expect(buildSummary(facts, silent, verdict(), redact)).not.toHaveProperty('status');
  const empty = buildSummary({ ...facts, service: 'cart' }, transaction({ exchanges: [] }), verdict(), redact);
  expect(empty).toMatchObject({
    service: 'cart',
    method: '?',
    path: '?',
    durationMs: 0,
    services: [],
    outcome: 'good',
  });
  expect(Number.isFinite(empty.startedAt)).toBe(true);
});
