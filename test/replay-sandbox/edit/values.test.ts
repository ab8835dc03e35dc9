import { expect, it } from 'vitest';
import { bodyOf } from '../../../src/domain/exchange.ts';
import { readSet } from '../../../replay-sandbox/edit/change.ts';
import { changedHttp } from '../../../replay-sandbox/edit/values.ts';
import { exchange, message } from '../../support/transaction.ts';

function edited(body: string, set: string): string {
  const response = message({ ':status': '200', 'content-type': 'application/json' }, body);
  const changed = changedHttp({ exchange: exchange(1, { response }), source: 'loop' }, readSet(set)).exchange.response;
  return changed === undefined ? '' : Buffer.from(bodyOf(changed)).toString();
}

it('a value is set, and an id of 19 digits beside it stays as it is', () => {
  const body = '{"id":1850000000000000001,"price":5}';
  expect(edited(body, '3:body.price=0')).toBe('{"id":1850000000000000001,"price":0}');
  expect(edited(body, '3:body.id=1850000000000000077')).toBe('{"id":1850000000000000077,"price":5}');
  expect(() => edited(body, '3:body.id.deeper=1')).toThrow('nothing is at deeper');
});
