/** What a sink says of a run, beside what Envoy and the generator say: is every request one whole transaction? */
import type { ChildLoopd } from '../../test/support/child-loopd.ts';
import { until } from '../../test/support/until.ts';
import { metric } from '../load/metrics.ts';
import type { FilterCounts, Sidecar } from './sidecar.ts';

/** How long the last of a run may take to be settled, ms. */
const SETTLED_MS = 20_000;

export interface Counts {
  readonly envoy: FilterCounts;
  readonly messages: number;
  readonly faults: number;
  /** Settled, kept or tossed: as many as there were trace ids. */
  readonly transactions: number;
  readonly shed: number;
  readonly overwritten: number;
}

async function countsOf(sidecar: Sidecar, loopd: ChildLoopd): Promise<Counts> {
  const envoy = await sidecar.counts();
  const metrics = await loopd.metrics();
  return {
    envoy,
    messages: metric(metrics, 'loop_ingest_messages'),
    faults: metric(metrics, 'loop_ingest_faults'),
    transactions: metric(metrics, 'loop_recorder_transactions'),
    shed: metric(metrics, 'loop_recorder_segments', 'fate="shed"'),
    overwritten: metric(metrics, 'loop_recorder_segments', 'fate="overwritten"'),
  };
}

export interface Account {
  readonly requests: number;
  readonly calls: number;
  readonly transactions: number;
  readonly unrecorded: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly faults: number;
  readonly shed: number;
  /** Of the requests, as a share: transactions that were settled, none of whose messages were lost, refused or shed. */
  readonly recordedShare: number;
}

/** Counts between `begin` and `end`, which waits until the sink has settled what was sent. */
export class Accounting {
  readonly #sidecar: Sidecar;
  readonly #loopd: ChildLoopd;
  #before: Counts | undefined;

  constructor(sidecar: Sidecar, loopd: ChildLoopd) {
    this.#sidecar = sidecar;
    this.#loopd = loopd;
  }

  async begin(): Promise<void> {
    this.#before = await countsOf(this.#sidecar, this.#loopd);
  }

  async end(requests: number): Promise<Account> {
    const before = this.#before ?? (await countsOf(this.#sidecar, this.#loopd));
    const look = () => countsOf(this.#sidecar, this.#loopd);
    const isAll = (seen: Counts): boolean =>
      seen.transactions - before.transactions >= requests && seen.messages - before.messages === sent(seen, before);
    return account(requests, before, await until(look, isAll, SETTLED_MS).catch(look));
  }
}

function sent(after: Counts, before: Counts): number {
  return after.envoy.messages - before.envoy.messages;
}

function account(requests: number, before: Counts, after: Counts): Account {
  const transactions = after.transactions - before.transactions;
  const messagesSent = sent(after, before);
  const messagesReceived = after.messages - before.messages;
  const shed = after.shed - before.shed;
  const faults = after.faults - before.faults;
  const amiss = Math.abs(messagesSent - messagesReceived) + shed + faults;
  return {
    requests,
    calls: after.envoy.calls - before.envoy.calls,
    transactions,
    unrecorded: after.envoy.unrecorded - before.envoy.unrecorded,
    messagesSent,
    messagesReceived,
    faults,
    shed,
    // A message that is missing may be of any transaction: each costs one.
    recordedShare: Math.max(0, Math.min(transactions, requests) - amiss) / requests,
  };
}
