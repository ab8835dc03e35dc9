/** Domain values for tests: whole and boring unless told otherwise. */
import type { AttributedCommand, Transaction } from '../../src/domain/transaction.ts';
import type { Attribution, Command } from '../../src/domain/conversation.ts';
import type { Exchange, Header, Message, Vantage } from '../../src/domain/exchange.ts';
import type { FailedExchange, Verdict } from '../../src/domain/verdict.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { parseFingerprint, parseLoopId, parseRecorderId, parseTransactionKey, streamId } from '../../src/domain/ids.ts';
import type { Fingerprint, LoopId, RecorderId, StreamId, TransactionKey } from '../../src/domain/ids.ts';

/** 2026-01-02T03:04:05Z, the moment everything in tests begins. */
export const T0 = Date.UTC(2026, 0, 2, 3, 4, 5);

export const RECORDER: RecorderId = must(parseRecorderId('00000000000000aa'));

export function stream(number: number): StreamId {
  return streamId(RECORDER, number);
}

/** `loop(7)` is `000000000007`. */
export function loopId(number: number): LoopId {
  return must(parseLoopId(String(number).padStart(12, '0')));
}

export function fingerprint(number: number): Fingerprint {
  return must(parseFingerprint(number.toString(16).padStart(12, '0')));
}

export function transactionKey(number = 1): TransactionKey {
  return must(parseTransactionKey(`trace:${number.toString(16).padStart(32, '0')}`));
}

/** `headers({ ':status': '200', 'set-cookie': ['a=1', 'b=2'] })`, in that order. */
export function headers(values: Readonly<Record<string, string | readonly string[]>>): readonly Header[] {
  return Object.entries(values).flatMap(([name, value]) => [value].flat().map((one) => ({ name, value: one })));
}

export function message(
  values: Parameters<typeof headers>[0],
  body: string | Uint8Array = '',
  more: Partial<Message> = {},
): Message {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const startedAt = more.startedAt ?? T0;
  const chunks = bytes.length === 0 ? [] : [{ at: startedAt, bytes }];
  return {
    headers: headers(values),
    body: chunks,
    trailers: [],
    startedAt,
    endedAt: startedAt,
    complete: true,
    ...more,
  };
}

export function vantage(service: string, direction: Vantage['direction'] = 'inbound'): Vantage {
  return { service, instance: `${service}-1`, version: '1.0.0', direction };
}

/** A good `GET /` answered 200 at the inbound side of `shop`, 10 ms long. */
export function exchange(number: number, more: Partial<Exchange> = {}): Exchange {
  return {
    kind: 'exchange',
    id: stream(number),
    vantage: vantage('shop'),
    peer: { name: 'shop', port: 8080 },
    protocol: 'http/1.1',
    request: message({ ':method': 'GET', ':path': '/', ':authority': 'shop:8080', ':scheme': 'http' }),
    response: message({ ':status': '200' }),
    startedAt: T0,
    endedAt: T0 + 10,
    end: 'closed',
    flags: [],
    attributes: {},
    gaps: [],
    ...more,
  };
}

export function command(ordinal: number, more: Partial<Command> = {}): Command {
  const conversation = more.conversation ?? stream(90);
  return {
    kind: 'command',
    id: `${conversation}/${ordinal}`,
    conversation,
    protocol: 'postgres',
    vantage: vantage('shop', 'outbound'),
    peer: { name: 'database', port: 5432 },
    summary: 'SELECT 1',
    startedAt: T0 + 1,
    endedAt: T0 + 2,
    request: [],
    response: [],
    rows: 1,
    openInbound: 1,
    ...more,
  };
}

export function attributed(of: Command, to: StreamId, attribution: Attribution = 'exclusive'): AttributedCommand {
  return { command: of, exchange: to, attribution };
}

/** Without exchanges, one good exchange; the entry is the first one. */
export function transaction(more: Partial<Transaction> = {}): Transaction {
  const exchanges = more.exchanges ?? [exchange(1)];
  const entry = exchanges[0]?.id;
  return {
    kind: 'transaction',
    key: transactionKey(),
    ...(entry === undefined ? {} : { entry }),
    exchanges,
    links: [],
    conversations: [],
    commands: [],
    holes: [],
    ...more,
  };
}

export function failed(
  number: number,
  role: FailedExchange['role'] = 'origin',
  more: Partial<FailedExchange> = {},
): FailedExchange {
  return { exchange: stream(number), role, kind: 'status', summary: '500 Internal Server Error', ...more };
}

export function verdict(failures: readonly FailedExchange[] = [], more: Partial<Verdict> = {}): Verdict {
  const origin = failures.find((failure) => failure.role === 'origin');
  if (failures.length === 0) return { decision: 'toss', failures, outcome: 'good', ...more };
  const found = origin === undefined ? {} : { origin };
  return { decision: 'keep', failures, ...found, outcome: 'failed', fingerprint: fingerprint(0xfee), ...more };
}

export function loopSummary(number: number, more: Partial<LoopSummary> = {}): LoopSummary {
  return {
    id: loopId(number),
    purpose: 'failure',
    transaction: transactionKey(number),
    startedAt: T0 + number,
    durationMs: 12.5,
    service: 'gateway',
    method: 'POST',
    path: '/checkout',
    status: 502,
    outcome: 'failed',
    origin: { service: 'pricing', exchange: stream(3), kind: 'status', summary: '500 Internal Server Error' },
    fingerprint: fingerprint(0xfee),
    services: ['gateway', 'pricing'],
    exchanges: 3,
    commands: 1,
    bytes: 1000,
    holes: [],
    ...more,
  };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a test value is not well formed');
  return value;
}
