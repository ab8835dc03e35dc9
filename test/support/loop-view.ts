/** Redacted views for tests: whole and boring unless told otherwise. */
import type { CommandView, ExchangeView, LoopView, MessageView } from '../../src/seal/view-schema.ts';
import { loopId, T0 } from './transaction.ts';

/** `messageView('{"a":1}')` is JSON; without text, empty. */
export function messageView(text = '', more: Partial<MessageView> = {}, contentType = 'application/json'): MessageView {
  return {
    headers: [{ name: 'content-type', value: contentType }],
    body: text === '' ? { kind: 'empty' } : { kind: 'text', bytes: text.length, contentType, text, truncated: false },
    trailers: [],
    startedAt: T0,
    endedAt: T0 + 1,
    complete: true,
    ...more,
  };
}

/** `GET /` at `shop`, 10 ms long, answered 200 with nothing. */
export function exchangeView(id: string, more: Partial<ExchangeView> = {}): ExchangeView {
  return {
    id,
    vantage: { service: 'shop', instance: 'shop-1', version: '1.0.0', direction: 'inbound' },
    peer: { name: 'shop', port: 8080 },
    protocol: 'http/1.1',
    method: 'GET',
    path: '/',
    status: 200,
    flags: [],
    startedAt: T0,
    endedAt: T0 + 10,
    end: 'closed',
    request: messageView(),
    response: messageView(),
    gaps: [],
    ...more,
  };
}

/** `SELECT 1` of `shop`, for `exchange`. */
export function commandView(id: string, exchange: string, more: Partial<CommandView> = {}): CommandView {
  return {
    id,
    exchange,
    attribution: 'exclusive',
    conversation: 'c',
    vantage: { service: 'shop', instance: 'shop-1', direction: 'outbound' },
    peer: { name: 'database', port: 5432 },
    protocol: 'postgres',
    summary: 'SELECT 1',
    startedAt: T0 + 1,
    endedAt: T0 + 2,
    rows: 1,
    ...more,
  };
}

export function loopView(
  exchanges: readonly ExchangeView[],
  commands: readonly CommandView[] = [],
  more: Partial<LoopView> = {},
): LoopView {
  return {
    version: 1,
    id: loopId(1),
    transaction: 'trace:1',
    ...(exchanges[0] && { entry: exchanges[0].id }),
    outcome: 'failed',
    exchanges: [...exchanges],
    commands: [...commands],
    conversations: [],
    failures: [],
    holes: [],
    ...more,
  };
}
