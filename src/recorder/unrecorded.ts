import type { Clock } from '../domain/clock.ts';
import { header } from '../domain/exchange.ts';
import type { Header, Vantage } from '../domain/exchange.ts';
import { RequestField } from '../wire/accesslog/fields.ts';
import { readHeaders } from '../wire/accesslog/headers.ts';
import { beganAt } from '../wire/accesslog/time.ts';
import { encodeHeaders } from '../wire/extproc/headers.ts';
import type { Conversations } from './conversations.ts';
import type { Holding } from './holding.ts';
import type { Instance } from './instances.ts';
import type { LogRecord, WaitingEntry } from './logs.ts';
import type { Schedule } from './options.ts';
import type { Registry } from './registry.ts';
import type { Settlement } from './settlement.ts';
import type { Stream } from './streams.ts';
import { Wheel } from './wheel.ts';

const SLOT_MS = 250;
/** A connection of which nothing was said for so long has ended with its Envoy. Six times what the shipped configuration says. */
const STALE_MS = 30_000;

export interface UnrecordedPort {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly registry: Registry;
  readonly holding: Holding;
  readonly conversations: Conversations;
  readonly settlement: Settlement;
}

/**
 * Connections that pass by the recorder: Envoy opens its call when a connection begins, and a connection that began while the sink was
 * away, or lost its call, never gets another. The access log tells of them while they go on. Each is a stream without messages, and goes
 * with every transaction that was served meanwhile, so that a loop names what it lacks.
 */
export class Unrecorded {
  readonly #port: UnrecordedPort;
  readonly #wheel: Wheel<(now: number) => void>;
  /** Found just now: what was kept of their instances before has to hear of it. */
  #found = new Set<Instance>();

  constructor(port: UnrecordedPort) {
    this.#port = port;
    this.#wheel = new Wheel(port.clock, port.schedule, SLOT_MS, (run, now) => run(now));
  }

  /** `before`: the stream that recorded it, and broke off. Undefined when the index is full. */
  ongoing(entry: WaitingEntry, before: Stream | undefined): Stream | undefined {
    // Its duration is not told yet, so that nothing says whether Envoy's clock is right.
    const began = Math.min(entry.scanned.startMicros / 1000, entry.at);
    const stream = this.#open(entry, before?.endedAt ?? began);
    if (stream !== undefined) this.#wheel.add((now) => this.#look(stream, now), entry.at + STALE_MS);
    return stream;
  }

  /** It is over by now, and nothing was recorded of it. */
  over(entry: WaitingEntry): Stream | undefined {
    const { scanned, at } = entry;
    const stream = this.#open(entry, beganAt(scanned.startMicros, scanned.durationMs, at));
    if (stream !== undefined) this.ended(stream, entry, at);
    return stream;
  }

  /** The last entry of one that went on. It came a little after the end. */
  ended(stream: Stream, { scanned }: LogRecord, at: number): void {
    stream.facts.logged = true;
    this.#end(stream, beganAt(scanned.startMicros, scanned.durationMs, at) + scanned.durationMs);
  }

  close(): void {
    this.#wheel.close();
  }

  #open({ source, bytes, scanned, at }: WaitingEntry, since: number): Stream | undefined {
    const { registry, conversations, holding } = this.#port;
    const vantage = source.certain ? source.vantage : { ...source.vantage, ...instanceIn(bytes, scanned) };
    const metadata = metadataOf(vantage, source.protocol, since);
    const { stream } = registry.open({ metadata, vantage, protocol: source.protocol }, since);
    if (stream?.conversation === undefined) {
      holding.shed(bytes.length);
      return undefined;
    }
    conversations.unrecorded(stream, stream.conversation, encodeHeaders(metadata), { bytes, scanned }, at);
    if (this.#found.size === 0) this.#wheel.add(() => this.#tell(), at);
    this.#found.add(stream.instance);
    return stream;
  }

  #look(stream: Stream, now: number): void {
    if (stream.done) return;
    if (now >= stream.lastAt + STALE_MS) this.#end(stream, stream.lastAt);
    else this.#wheel.add((later) => this.#look(stream, later), stream.lastAt + STALE_MS);
  }

  #end(stream: Stream, at: number): void {
    if (stream.conversation === undefined) return;
    this.#port.conversations.ended(stream, stream.conversation, 'closed', this.#port.clock.now());
    stream.endedAt = at;
    this.#port.registry.done(stream);
  }

  /** What is kept already gets the stream as anything else that comes late. */
  #tell(): void {
    const found = this.#found;
    this.#found = new Set();
    for (const entry of this.#port.registry.transactions.all()) {
      if (!entry.keep || entry.fresh) continue;
      const served = [...entry.streams].filter(({ vantage, instance }) => isInbound(vantage) && found.has(instance));
      for (const stream of served) stream.fresh = true;
      if (served.length > 0) this.#port.settlement.note(entry);
    }
  }
}

function isInbound({ direction }: Vantage): boolean {
  return direction === 'inbound';
}

/** Envoy fills in its host name in the headers of a tunnel, as it does for exchanges, but not in the metadata of its log. */
function instanceIn(bytes: Uint8Array, { requestStart, requestEnd }: WaitingEntry['scanned']): Partial<Vantage> {
  const instance = header(readHeaders(bytes, requestStart, requestEnd, RequestField.headers), 'x-loop-instance');
  return instance === undefined ? {} : { instance };
}

/** As a capturing call would have it, and since when nothing is recorded, Unix ms. */
function metadataOf(vantage: Vantage, protocol: string, since: number): readonly Header[] {
  const { service, instance, version, direction } = vantage;
  const said = { service, instance, ...(version !== undefined && { version }), direction, protocol };
  return Object.entries({ ...said, unrecorded: String(Math.floor(since)) }).map(([name, value]) => ({
    name: `x-loop-${name}`,
    value,
  }));
}
