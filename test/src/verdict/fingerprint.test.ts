import { describe, expect, it } from 'vitest';
import type { Attribution } from '../../../src/domain/conversation.ts';
import { fingerprintOf } from '../../../src/verdict/fingerprint.ts';
import {
  attributed,
  command,
  exchange,
  failed,
  headers,
  message,
  stream,
  transaction,
} from '../../support/transaction.ts';

interface Failure {
  readonly path?: string;
  readonly body?: string;
  readonly sql?: { readonly code: string; readonly message: string; readonly attribution?: Attribution };
}

function fingerprintFor({ path = '/quotes', body = '{"error":"it broke"}', sql }: Failure) {
  const failing = exchange(1, {
    request: message({ ':method': 'POST', ':path': path }),
    response: message({ ':status': '500', 'content-type': 'application/json' }, body),
  });
  const commands = sql === undefined ? [] : [attributed(command(1, { error: sql }), stream(1), sql.attribution)];
  return fingerprintOf(transaction({ exchanges: [failing], commands }), failed(1));
}

describe('one failure has one fingerprint', () => {
  it.each<[string, Failure, Failure]>([
    ['whatever the ids in its path', { path: '/orders/O-17/lines/3' }, { path: '/orders/O-4711/lines/12?x=1' }],
    [
      'whatever the values in its text',
      { body: String.raw`{"error":"no \"MUG\" for 17"}` },
      { body: String.raw`{"error":"no \"POT\" for 4"}` },
    ],
    [
      'whether or not it is certain whose statement was refused, when the answer quotes the database',
      {
        body: String.raw`{"error":"bad integer: \"NaN\""}`,
        sql: { code: '22P02', message: 'bad integer: "NaN"', attribution: 'exclusive' },
      },
      {
        body: String.raw`{"error":"bad integer: \"NaN\""}`,
        sql: { code: '22P02', message: 'bad integer: "NaN"', attribution: 'candidate' },
      },
    ],
    [
      'whatever others at the instance ran into',
      {},
      { sql: { code: '23505', message: 'duplicate key', attribution: 'candidate' } },
    ],
  ])('%s', (_, one, other) => {
    expect(fingerprintFor(one)).toBe(fingerprintFor(other));
  });
});

describe('two failures have two', () => {
  it.each<[string, Failure, Failure]>([
    ['by route', { path: '/quotes' }, { path: '/orders' }],
    ['by what the answer says', { body: '{"error":"it broke"}' }, { body: '{"error":"it bent"}' }],
    [
      'by the error of the database, which the answer hides',
      { sql: { code: '40001', message: 'could not serialize' } },
      { sql: { code: '23505', message: 'duplicate key' } },
    ],
  ])('%s', (_, one, other) => {
    expect(fingerprintFor(one)).not.toBe(fingerprintFor(other));
  });
});

describe('a gRPC failure is known by its status and message', () => {
  const fingerprintOfStatus = (status: string, text = 'no stock for %22MUG%22') => {
    const failing = exchange(1, {
      request: message({ ':method': 'POST', ':path': '/shop.Pricing/Quote' }),
      response: message({ ':status': '200', 'content-type': 'application/grpc' }, '', {
        trailers: headers({ 'grpc-status': status, 'grpc-message': text }),
      }),
    });
    return fingerprintOf(transaction({ exchanges: [failing] }), failed(1));
  };

  it('and not by the values in it', () => {
    expect(fingerprintOfStatus('13', 'row 17 is gone')).toBe(fingerprintOfStatus('13', 'row 4711 is gone'));
    expect(fingerprintOfStatus('13')).not.toBe(fingerprintOfStatus('2'));
    expect(fingerprintOfStatus('13')).not.toBe(fingerprintOfStatus('13', 'deadlock'));
  });
});

describe('whether the access log has told how it ended', () => {
  const shapeOf = (flags: readonly string[], kind: 'reset' | 'status') =>
    fingerprintOf(transaction({ exchanges: [exchange(1, { flags })] }), failed(1, 'origin', { kind }));

  it('makes no difference to an answer cut off, nor that the client had left', () => {
    expect(shapeOf(['UPE'], 'reset')).toBe(shapeOf([], 'reset'));
    expect(shapeOf(['DC'], 'status')).toBe(shapeOf([], 'status'));
    expect(shapeOf(['UF'], 'status')).not.toBe(shapeOf([], 'status'));
  });
});
