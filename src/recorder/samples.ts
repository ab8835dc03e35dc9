import type { TransactionKey } from '../domain/ids.ts';
import { isReflection } from '../domain/grpc.ts';
import type { Clock } from '../domain/clock.ts';
import { foldPath } from '../domain/route.ts';
import { AmbientAllowance } from './ambient.ts';
import type { TrackedConversation } from './conversations.ts';
import { isWhole, selectExchanges } from './copyout.ts';
import type { Entry } from './entry.ts';
import { nameOf } from './entry.ts';
import { Fate } from './fates.ts';
import type { Holding } from './holding.ts';
import type { Instance } from './instances.ts';
import type { RecorderLimits } from './options.ts';
import { aliasesOf } from './parts.ts';
import type { PartWriter } from './parts.ts';
import { Quota } from './quota.ts';
import type { Ranges } from './ranges.ts';
import { requestOf } from './request.ts';
import { emptySelection } from './selection.ts';
import type { Stream } from './streams.ts';

export interface SamplesPort {
  readonly holding: Holding;
  readonly ranges: Ranges;
  readonly parts: PartWriter;
  readonly clock: Clock;
  readonly limits: RecorderLimits;
  /** The key under which a connection's start-up goes out. */
  readonly keyOf: (stream: Stream) => TransactionKey;
}

/**
 * What is handed on although it went well, because a replay needs it: exemplars (recent good transactions of a route) and ambient traffic
 * (calls a service makes on its own account, and what it says on a connection before it serves anyone). Only whole transactions are of use.
 */
export class Samples {
  readonly #port: SamplesPort;
  readonly #exemplars: Quota;
  readonly #ambient: AmbientAllowance;

  constructor(port: SamplesPort) {
    this.#port = port;
    const { exemplarsPerRoute, exemplarMs, routes } = port.limits;
    this.#exemplars = new Quota(exemplarsPerRoute, exemplarMs, routes);
    this.#ambient = new AmbientAllowance(port.limits);
  }

  wentWell(entry: Entry): void {
    if (entry.sampled) return;
    const first = earliest(entry);
    const request = first && requestOf(first, this.#port.holding.ring);
    if (first === undefined || request === undefined) return;
    // Clients leave a reflection stream as soon as they know enough: what was told until then is as good.
    if (!isWhole(entry) && !isReflection(request.path)) return;
    const service = first.vantage.service;
    if (first.vantage.direction === 'inbound') {
      // A 4xx or NOT_FOUND is no failure, but nothing to compare a repaired answer with either.
      if ((first.facts.status ?? 599) >= 400 || (first.facts.grpcStatus ?? 0) !== 0) return;
      const route = `${service} ${request.method} ${foldPath(request.path)}`;
      if (this.#exemplars.admit(route, this.#port.clock.now())) this.#send(entry, 'exemplar', route);
    } else if (!servedBy(entry, service)) {
      const signature = `${request.authority} ${request.method} ${request.path.split('?', 1)[0]}`;
      const admitted = this.#ambient.admitCall(service, signature, entry.heldBytes, this.#port.clock.now());
      if (admitted) this.#send(entry, 'ambient', service);
    }
  }

  /** An inbound exchange opens at this instance: what its connections said so far was start-up. */
  prologuesOf(instance: Instance): void {
    for (const stream of instance.gathering) this.prologue(stream);
  }

  /** The start-up of one connection, once: it is over. */
  prologue(stream: Stream): void {
    const { conversation } = stream;
    if (conversation === undefined || conversation.prologue === 'over') return;
    this.#sendPrologue(stream, conversation);
    conversation.prologue = 'over';
    stream.instance.gathering.delete(stream);
    this.#port.holding.unpin(stream, Fate.tossed, (record) => record.prologue);
  }

  #sendPrologue(stream: Stream, conversation: TrackedConversation): void {
    if (conversation.prologueBytes === 0) return;
    const { ranges, parts, clock, keyOf } = this.#port;
    const service = stream.vantage.service;
    const signature = `${conversation.protocol} ${conversation.peer}`;
    if (!this.#ambient.admitPrologue(service, signature, conversation.prologueBytes, clock.now())) return;
    const selection = ranges.selectPrologue(stream, conversation);
    parts.send(
      { purpose: 'ambient', transaction: keyOf(stream), aliases: [], overwritten: 0, subject: service },
      selection,
    );
  }

  #send(entry: Entry, purpose: 'exemplar' | 'ambient', subject: string): void {
    const { holding, ranges, parts } = this.#port;
    const transaction = nameOf(entry);
    if (transaction === undefined) return;
    const selection = emptySelection();
    selectExchanges(holding, entry, 'all', selection);
    ranges.select(entry.streams, selection);
    entry.sampled = true;
    parts.send(
      { purpose, transaction, aliases: aliasesOf(entry.keys, transaction), overwritten: 0, subject },
      selection,
    );
  }
}

function earliest(entry: Entry): Stream | undefined {
  let first: Stream | undefined;
  for (const stream of entry.streams)
    if (!stream.attempt && (first === undefined || stream.startedAt < first.startedAt)) first = stream;
  return first;
}

function servedBy(entry: Entry, service: string): boolean {
  for (const { vantage } of entry.streams)
    if (vantage.direction === 'inbound' && vantage.service === service) return true;
  return false;
}
