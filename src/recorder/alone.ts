import type { Header, Vantage } from '../domain/exchange.ts';
import { beganAt } from '../wire/accesslog/time.ts';
import { encodeHeaders } from '../wire/extproc/headers.ts';
import type { Exchanges } from './exchanges.ts';
import type { Holding } from './holding.ts';
import type { WaitingEntry } from './logs.ts';
import type { Registry } from './registry.ts';
import type { Stream } from './streams.ts';

/**
 * A stream for an exchange that only the access log has seen: the sink was away, or the Envoy is one that hides its own answers from the
 * filter. A connection says nothing without its bytes, and makes none. Undefined when the entry was shed.
 */
export function openAlone(
  entry: WaitingEntry,
  at: number,
  { registry, exchanges, holding }: { registry: Registry; exchanges: Exchanges; holding: Holding },
): Stream | undefined {
  const { source, scanned } = entry;
  const { vantage, protocol } = source;
  const metadata = metadataOf(vantage);
  const began = beganAt(scanned.startMicros, scanned.durationMs, entry.at);
  const { stream } = protocol === 'http' ? registry.open({ metadata, vantage, protocol }, began) : {};
  if (stream === undefined) holding.shed(entry.bytes.length);
  else exchanges.alone(stream, encodeHeaders(metadata), entry, at);
  return stream;
}

/** As a capturing call would have it. */
function metadataOf({ service, instance, version, direction }: Vantage): readonly Header[] {
  const pairs = { service, instance, ...(version !== undefined && { version }), direction, protocol: 'http' };
  return Object.entries(pairs).map(([name, value]) => ({ name: `x-loop-${name}`, value }));
}
