import type { TransactionKey } from '../domain/ids.ts';
import { isReflection } from '../domain/grpc.ts';
import type { Clock } from '../domain/clock.ts';
import { foldPath } from '../domain/route.ts';
import { AmbientAllowance } from './ambient.ts';
import type { TrackedConversation } from './conversations.ts';
import { isWhole, selectExchanges } from './copyout.ts';
import type { Entry } from './entry.ts';
import { keysOf, nameOf } from './entry-keys.ts';
import { Fate } from './fates.ts';
import type { Holding } from './holding.ts';
import type { Instance } from './instances.ts';
import type { RecorderLimits } from './options.ts';
import { aliasesOf } from './parts.ts';
import type { PartWriter } from './parts.ts';
import { Quota } from './quota.ts';
import type { Ranges } from './ranges.ts';
import { Refusals } from './refusals.ts';
import { requestOf } from './request.ts';
import type { RequestLine } from './request.ts';
import { digestAt } from './route-digest.ts';
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
  readonly #refusals = new Refusals();

  constructor(port: SamplesPort) {
    this.#port = port;
    const { exemplarsPerRoute, exemplarMs, routes } = port.limits;
    this.#exemplars = new Quota(exemplarsPerRoute, exemplarMs, routes);
    this.#ambient = new AmbientAllowance(port.limits);
  }

  wentWell(entry: Entry): void {
    if (entry.sampled) return;
    const first = earliest(entry);
    if (first === undefined) return;
    // Nearly all that goes well is of a route of which there is enough.
    const now = this.#port.clock.now();
    const digest = first.route === 0 ? 0 : digestAt(first.route, first.vantage.service);
    if (digest !== 0 && this.#refusals.has(digest, now)) return;
    const request = requestOf(first, this.#port.holding.ring);
    if (request === undefined) return;
    // Clients leave a reflection stream as soon as they know enough: what was told until then is as good.
    if (!isWhole(entry) && !isReflection(request.path)) return;
    const refusedUntil =
      first.vantage.direction === 'inbound'
        ? this.#exemplar(entry, first, request, now)
        : this.#background(entry, first, request, now);
    if (digest !== 0 && refusedUntil > now) this.#refusals.add(digest, refusedUntil);
  }

  /** Returns until when others of its route are of no use, Unix ms. */
  #exemplar(entry: Entry, { vantage, facts }: Stream, request: RequestLine, now: number): number {
    // A 4xx or NOT_FOUND is no failure, but nothing to compare a repaired answer with either.
    if ((facts.status ?? 599) >= 400 || (facts.grpcStatus ?? 0) !== 0) return -Infinity;
    const route = `${vantage.service} ${request.method} ${foldPath(request.path)}`;
    if (this.#exemplars.admit(route, now)) this.#send(entry, 'exemplar', route);
    return this.#exemplars.refusedUntil(route);
  }

  /** Returns until when others like it are of no use, Unix ms. */
  #background(entry: Entry, { vantage: { service } }: Stream, request: RequestLine, now: number): number {
    if (servedBy(entry, service)) return -Infinity;
    const signature = `${request.authority} ${request.method} ${request.path.split('?', 1)[0]}`;
    if (this.#ambient.admitCall(service, signature, entry.heldBytes, now)) this.#send(entry, 'ambient', service);
    return this.#ambient.callRefusedUntil(service, signature);
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
      { purpose, transaction, aliases: aliasesOf(keysOf(entry), transaction), overwritten: 0, subject },
      selection,
    );
  }
}

function earliest(entry: Entry): Stream | undefined {
  const { only } = entry.streams;
  if (only !== undefined) return only.attempt ? undefined : only;
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
