import { describe, expect, it } from 'vitest';
import { attributeCommands } from '../../../src/assembly/attribution.ts';
import type { Command } from '../../../src/domain/conversation.ts';
import { command, exchange, stream, T0, vantage } from '../../support/transaction.ts';

const OURS = exchange(1, {
  trace: { traceId: 'a'.repeat(32), spanId: '1'.repeat(16) },
  startedAt: T0,
  endedAt: T0 + 100,
});

function attributions(...commands: readonly Command[]): readonly string[] {
  return attributeCommands(commands, [OURS]).map(
    ({ command: { id }, attribution }) => `${id.split('/')[1]} ${attribution}`,
  );
}

describe('commands of a transaction', () => {
  it('are exclusive when ours was the one request open', () => {
    expect(attributions(command(1, { startedAt: T0 + 10, owner: stream(1) }))).toEqual(['1 exclusive']);
  });

  it('are somebody else’s when another was the one request open', () => {
    expect(attributions(command(1, { startedAt: T0 + 101, owner: stream(7) }))).toEqual([]);
  });

  it('are candidates when several requests were open, or none', () => {
    expect(
      attributions(
        command(1, { startedAt: T0 + 10, openInbound: 3 }),
        command(2, { startedAt: T0 + 102, openInbound: 0 }),
      ),
    ).toEqual(['1 candidate', '2 candidate']);
  });

  it('are not ours outside our time or at another service', () => {
    expect(
      attributions(
        command(1, { startedAt: T0 + 300 }),
        command(2, { startedAt: T0 + 10, vantage: vantage('other', 'outbound') }),
      ),
    ).toEqual([]);
  });

  it('belong to the trace their comment names, whoever was open', () => {
    const comment = (traceId: string) => [
      Buffer.from(`Q....SELECT 1 /*traceparent='00-${traceId}-${'2'.repeat(16)}-01'*/`),
    ];
    expect(
      attributions(
        command(1, { startedAt: T0 + 10, openInbound: 3, request: comment('a'.repeat(32)) }),
        command(2, { startedAt: T0 + 11, owner: stream(1), request: comment('b'.repeat(32)) }),
      ),
    ).toEqual(['1 propagated']);
  });

  it('belong to it also when they were read out of order, if their comment says so', () => {
    const request = [Buffer.from(`Q....SELECT 1 /*traceparent='00-${'a'.repeat(32)}-${'2'.repeat(16)}-01'*/`)];
    expect(
      attributions(
        command(1, { startedAt: T0 - 26, request }),
        command(2, { startedAt: T0 - 24, request }),
        command(3, { startedAt: T0 - 24 }),
        command(4, { startedAt: T0 + 124, request }),
        command(5, { startedAt: T0 + 126, request }),
      ),
    ).toEqual(['2 propagated', '4 propagated']);
  });
});
