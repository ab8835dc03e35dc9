/** Views of recordings, made by hand: what a page of the console is given. */
import type { CommandView, ExchangeView, LoopView, MessageView } from '../../src/seal/view-schema.ts';

export const AT = 1_800_000_000_000;

export function messageView(text: string, contentType?: string, more: Partial<MessageView> = {}): MessageView {
  const type = contentType === undefined ? {} : { contentType };
  const bytes = Buffer.byteLength(text);
  return {
    headers: contentType === undefined ? [] : [{ name: 'content-type', value: contentType }],
    body: text === '' ? { kind: 'empty' } : { kind: 'text', bytes, ...type, text, truncated: false },
    trailers: [],
    startedAt: AT,
    endedAt: AT + 10,
    complete: true,
    ...more,
  };
}

export function exchangeView(id: string, more: Partial<ExchangeView> = {}): ExchangeView {
  return {
    id,
    vantage: { service: 'orders', instance: 'orders-1', direction: 'inbound' },
    peer: { name: '127.0.0.1:4000' },
    protocol: 'http/1.1',
    method: 'GET',
    path: '/orders/7',
    status: 200,
    flags: [],
    startedAt: AT,
    endedAt: AT + 10,
    end: 'closed',
    gaps: [],
    ...more,
  };
}

export function commandView(id: string, exchange: string, more: Partial<CommandView> = {}): CommandView {
  return {
    id,
    exchange,
    attribution: 'exclusive',
    conversation: id.replace(/\/\d+$/, ''),
    vantage: { service: 'orders', instance: 'orders-1', direction: 'outbound' },
    peer: { name: 'postgres.shop', port: 5432 },
    protocol: 'postgres',
    summary: 'SELECT 1',
    startedAt: AT + 2,
    endedAt: AT + 3,
    ...more,
  };
}

export function loopView(more: Partial<LoopView> = {}): LoopView {
  return {
    version: 1,
    id: '3f9k7c2m8q4t',
    transaction: 'trace:0af7651916cd43dd8448eb211c80319c',
    outcome: 'failed',
    exchanges: [],
    commands: [],
    conversations: [],
    failures: [],
    holes: [],
    ...more,
  };
}
