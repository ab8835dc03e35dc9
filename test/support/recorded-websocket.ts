/** WebSockets as a sidecar records them: an upgrade, and frames of both sides with their times. */
import type { Exchange } from '../../src/domain/exchange.ts';
import type { WebSocketFrame } from '../../src/wire/websocket/framing.ts';
import { encodeFrame } from '../../src/wire/websocket/framing.ts';
import { exchange, message, T0 } from './transaction.ts';
import { MASK } from './websocket-frames.ts';

/** Who said it, when (ms since the upgrade), and what. */
export type Said = readonly ['client' | 'server', number, WebSocketFrame | Uint8Array];

export interface RecordedWebSocketOf {
  readonly path?: string;
  readonly asked?: Readonly<Record<string, string>>;
  readonly answered?: Readonly<Record<string, string>>;
  readonly more?: Partial<Exchange>;
}

export function recordedWebSocket(said: readonly Said[], of: RecordedWebSocketOf = {}): Exchange {
  const { path = '/feed', asked = {}, answered = {}, more = {} } = of;
  const upgrade = { upgrade: 'websocket', connection: 'Upgrade' };
  const ask = {
    ':method': 'GET',
    ':path': path,
    ':authority': 'pricing',
    ':scheme': 'http',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-version': '13',
  };
  const sideOf = (side: 'client' | 'server') =>
    said
      .filter(([who]) => who === side)
      .map(([, at, what]) => ({
        at: T0 + at,
        bytes: what instanceof Uint8Array ? what : encodeFrame(what, side === 'client' ? MASK : undefined),
      }));
  const last = T0 + Math.max(0, ...said.map(([, at]) => at));
  const open = { complete: false, endedAt: last };
  return exchange(1, {
    request: message({ ...ask, ...upgrade, ...asked }, '', { ...open, body: sideOf('client') }),
    response: message({ ':status': '101', ...upgrade, 'sec-websocket-accept': 'recorded', ...answered }, '', {
      ...open,
      body: sideOf('server'),
    }),
    endedAt: last,
    flags: ['UC'],
    logged: true,
    ...more,
  });
}
