/** A cascade that fails again and again, as sidecars would tell it: gateway → orders → pricing, five exchanges a failure. */
import type * as http2 from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import type { Direction } from '../../src/domain/exchange.ts';
import { EnvoyCall } from './extproc-client.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from './extproc.ts';

export interface FailingCall {
  /** `pricing`: what fails in all of them. `profile`: another failure, elsewhere. */
  readonly kind: 'pricing' | 'profile';
  /** 32 hex digits. */
  readonly trace: string;
  readonly user: string;
  /** What pricing answers: another text is another bug, which looks the same from outside. */
  readonly error: string;
}

export interface OutageLoad {
  readonly failures: readonly FailingCall[];
  readonly perSecond: number;
}

const TOKEN_HEAD = Buffer.from('{"alg":"HS256"}').toString('base64url');

/** Bodies of a kilobyte, as orders have. */
const ORDER = JSON.stringify({
  items: Array.from({ length: 24 }, (_, index) => ({ sku: `sku-${index}`, pieces: index })),
});

/** Of each failure. */
export const EXCHANGES = 5;
export function failures(count: number, first: number, error: string): readonly FailingCall[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'pricing',
    trace: (first + index).toString(16).padStart(32, '0'),
    user: `user-${index % 40}`,
    error,
  }));
}

/** Calls of all sessions that may wait to be written: Node drops a session whose queue grows, where Envoy would hold its calls back. */
const WAITING = 1000;

/** Each when it is due, or as soon as what is due before it is written. Resolves when all are; how long it took, ms. */
export async function sendOutage(
  sessions: readonly http2.ClientHttp2Session[],
  { failures: calls, perSecond }: OutageLoad,
): Promise<number> {
  const began = performance.now();
  const waiting = new Set<Promise<void>>();
  for (const [index, call] of calls.entries()) {
    const wait = began + (index * 1000) / perSecond - performance.now();
    if (wait > 1) await delay(wait);
    const session = sessions[index % sessions.length];
    if (session === undefined || session.destroyed) throw new Error('A connection to the sink is gone.');
    for (const { stream } of (call.kind === 'pricing' ? cascade : profile)(session, call)) {
      const closed = new Promise<void>((resolve) => stream.once('close', resolve));
      waiting.add(closed);
      void closed.then(() => waiting.delete(closed));
    }
    for (const oldest of waiting) {
      if (waiting.size < WAITING) break;
      await oldest;
    }
  }
  await Promise.all(waiting);
  return performance.now() - began;
}

function cascade(session: http2.ClientHttp2Session, call: FailingCall): readonly EnvoyCall[] {
  const path = `/price/${Number.parseInt(call.trace.slice(-6), 16)}`;
  const answer = { status: 500, body: JSON.stringify({ error: call.error }) };
  const order = { method: 'POST', path: '/orders', body: ORDER, answer };
  const refused = { status: 502, body: '{"error":"orders failed"}' };
  return [
    exchange(session, call, { service: 'pricing', direction: 'inbound', path, answer }),
    exchange(session, call, { service: 'orders', direction: 'outbound', path, authority: 'pricing', answer }),
    exchange(session, call, { service: 'orders', direction: 'inbound', authority: 'orders', ...order }),
    exchange(session, call, { service: 'gateway', direction: 'outbound', authority: 'orders', ...order }),
    exchange(session, call, { service: 'gateway', direction: 'inbound', ...order, path: '/checkout', answer: refused }),
  ];
}

function profile(session: http2.ClientHttp2Session, call: FailingCall): readonly EnvoyCall[] {
  const answer = { status: 503, body: '{"error":"no profile"}' };
  const asked = { path: '/profile', authority: 'accounts', answer };
  return [
    exchange(session, call, { service: 'accounts', direction: 'inbound', ...asked }),
    exchange(session, call, { service: 'gateway', direction: 'outbound', ...asked }),
    exchange(session, call, { service: 'gateway', direction: 'inbound', path: '/me', answer }),
  ];
}

interface SyntheticExchange {
  readonly service: string;
  readonly direction: Direction;
  readonly method?: string;
  readonly path: string;
  readonly authority?: string;
  readonly body?: string;
  readonly answer: { readonly status: number; readonly body: string };
}

function exchange(
  session: http2.ClientHttp2Session,
  { trace, user }: FailingCall,
  { service, direction, method = 'GET', path, authority = service, body, answer }: SyntheticExchange,
): EnvoyCall {
  const claims = Buffer.from(JSON.stringify({ sub: user })).toString('base64url');
  const head = {
    ':method': method,
    ':path': path,
    ':authority': authority,
    ':scheme': 'http',
    traceparent: `00-${trace}-00000000000000ab-01`,
    authorization: `Bearer ${TOKEN_HEAD}.${claims}.c2ln`,
    'content-type': 'application/json',
  };
  const metadata = { service, instance: `${service}-1`, version: '1.4.2', direction, protocol: 'http' };
  const said = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-loop-${name}`, value]));
  const asked =
    body === undefined
      ? [requestHeaders(head, { endOfStream: true })]
      : [requestHeaders(head), requestBody(body, { endOfStream: true })];
  const type = { ':status': String(answer.status), 'content-type': 'application/json' };
  return new EnvoyCall(session, said)
    .send(...asked, responseHeaders(type), responseBody(answer.body, { endOfStream: true }))
    .finish();
}
