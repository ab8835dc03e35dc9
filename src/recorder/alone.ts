import type { Header, Vantage } from '../domain/exchange.ts';
import { beganAt } from '../wire/accesslog/time.ts';
import { encodeHeaders } from '../wire/extproc/headers.ts';
import type { Exchanges } from './exchanges.ts';
import type { Holding } from './holding.ts';
import type { WaitingEntry } from './logs.ts';
import type { Registry } from './registry.ts';
import type { Stream } from './streams.ts';
import type { Unrecorded } from './unrecorded.ts';

interface AlonePort {
  readonly registry: Registry;
  readonly exchanges: Exchanges;
  readonly holding: Holding;
  readonly unrecorded: Unrecorded;
}

/**
 * A stream for an exchange that only the access log has seen: the sink was away, or the Envoy is one that hides its own answers from the
 * filter. Of a connection only that it was there is known. Undefined when the entry was shed.
 */
export function openAlone(
  entry: WaitingEntry,
  at: number,
  { registry, exchanges, holding, unrecorded }: AlonePort,
): Stream | undefined {
  const { source, scanned } = entry;
  const { vantage, protocol } = source;
  // One that was refused, or never answered, carried nothing.
  if (protocol !== 'http' && scanned.code === 200) return unrecorded.over(entry);
  const metadata = metadataOf(vantage);
  const began = beganAt(scanned.startMicros, scanned.durationMs, entry.at);
  if (protocol !== 'http') {
    holding.shed(entry.bytes.length);
    return undefined;
  }
  const { number, stream } = registry.open({ metadata, vantage, protocol }, began);
  if (stream !== undefined) {
    exchanges.alone(stream, encodeHeaders(metadata), entry, at);
    return stream;
  }
  holding.shed(entry.bytes.length);
  // It was over before it was heard of: nobody will tell its end.
  registry.endedUnknown(number);
  return undefined;
}

/** As a capturing call would have it. */
function metadataOf({ service, instance, version, direction }: Vantage): readonly Header[] {
  const pairs = { service, instance, ...(version !== undefined && { version }), direction, protocol: 'http' };
  return Object.entries(pairs).map(([name, value]) => ({ name: `x-loop-${name}`, value }));
}
