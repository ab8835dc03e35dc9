import { describe, expect, it } from 'vitest';
import { NO_ANSWER } from '../../../replay-sandbox/compare/answer.ts';
import { reportAnswer } from '../../../replay-sandbox/report/answer.ts';
import { headers } from '../../support/transaction.ts';

const report = (values: Record<string, string>, body: string) =>
  reportAnswer({ status: 200, headers: headers(values), body: Buffer.from(body) });

describe('an answer in the report', () => {
  it('that never came has no status', () => {
    expect(reportAnswer(NO_ANSWER)).toEqual({ status: null, bytes: 0 });
  });

  it.each([
    'application/json',
    'application/problem+json',
    'text/html; charset=utf-8',
    'application/xml',
    'application/x-www-form-urlencoded',
  ])('is text when it says %s', (type) => {
    expect(report({ 'content-type': type }, 'é')).toEqual({ status: 200, bytes: 2, body: 'é' });
  });

  it.each([{ 'content-type': 'image/png' }, {}, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }])(
    'is bytes when it says %j',
    (values) => {
      expect(report(values, 'abc')).toEqual({ status: 200, bytes: 3 });
    },
  );

  it('is cut where it gets too long to read', () => {
    const { bytes, body } = report({ 'content-type': 'text/plain' }, 'x'.repeat(20_000));
    expect([bytes, body?.length]).toEqual([20_000, 16_384]);
  });
});
