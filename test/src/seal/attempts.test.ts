import { describe, expect, it } from 'vitest';
import { viewAttempts } from '../../../src/seal/attempts.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import type { Attempt } from '../../../src/domain/exchange.ts';
import { exchange, headers, stream, T0 } from '../../support/transaction.ts';

const redact = createRedactor(redactionKey(newDataKey()));
const counted = (count: number) => ({ attributes: { 'upstream.request_attempt_count': `${count}` } });

function attempt(number: number, answer?: Parameters<typeof headers>[0]): Attempt {
  return {
    id: stream(number),
    number,
    ...(answer && { answer: headers(answer) }),
    startedAt: T0,
    endedAt: T0 + number,
  };
}

describe('attempts in the view', () => {
  it('of a call that was sent once are not told', () => {
    expect(
      viewAttempts(exchange(1, { ...counted(1), attempts: [attempt(2, { ':status': '200' })] }), redact),
    ).toBeUndefined();
  });

  it('are a number where nobody recorded them', () => {
    expect(viewAttempts(exchange(1, counted(3)), redact)).toEqual({ attemptCount: 3 });
  });

  it('show status, gRPC status in the headers, and redacted headers', () => {
    const tried = [
      attempt(1),
      attempt(2, { ':status': '200', 'content-type': 'application/grpc', 'grpc-status': '14' }),
      attempt(3, { ':status': '200', 'set-cookie': 'sid=hunter2' }),
    ];
    const view = viewAttempts(exchange(1, { attempts: tried }), redact);
    expect(view).toMatchObject({
      attemptCount: 3,
      attempts: [{ number: 1 }, { number: 2, status: 200, grpcStatus: 14 }, { number: 3, status: 200 }],
    });
    expect(view?.attempts?.[0]).not.toHaveProperty('status');
    expect(JSON.stringify(view)).not.toContain('hunter2');
  });
});
