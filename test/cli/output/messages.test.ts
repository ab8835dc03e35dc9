import { describe, expect, it } from 'vitest';
import { messageLines } from '../../../cli/output/messages.ts';
import type { ExchangeView } from '../../../src/seal/view-schema.ts';
import { timed } from '../../../src/seal/stream-times.ts';
import { grpcStream } from '../../support/grpc-stream.ts';
import { T0 } from '../../support/transaction.ts';

const STREAM = grpcStream(1, [
  [1, '> a'],
  [5, '< b'],
  [10, '> c'],
  [12, '< d'],
  [20, '>|'],
  [25, '<13'],
]);

function viewOf(side: 'client' | 'server', lines: readonly string[]) {
  const message = side === 'client' ? STREAM.request : STREAM.response;
  const body = { kind: 'text', bytes: 12, text: lines.join('\n'), truncated: false } as const;
  const trailers = [...(message?.trailers ?? [])];
  return timed({ headers: [], body, trailers, startedAt: T0, endedAt: T0 + 25, complete: true }, STREAM, side);
}

const shown = (request: ExchangeView['request'], response: ExchangeView['response']) =>
  messageLines({ request, response } as ExchangeView, '', (at) => `${at - T0} ms`);

describe('what was said', () => {
  it('of a stream stands in its order, with times', () => {
    expect(shown(viewOf('client', ['{"1":"a"}', '{"1":"c"}']), viewOf('server', ['{"1":"b"}', '{"1":"d"}']))).toEqual([
      '1 ms > {"1":"a"}',
      '5 ms < {"1":"b"}',
      '10 ms > {"1":"c"}',
      '12 ms < {"1":"d"}',
      '         < grpc-status: 13',
    ]);
  });

  it('has no times where lines are not messages', () => {
    const lines = shown(viewOf('client', ['{', '"1": "a"', '}']), viewOf('server', ['x']));
    expect(lines[0]).toBe('         > {');
  });
});
