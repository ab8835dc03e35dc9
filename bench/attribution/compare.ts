/** What was kept, against what happened. */
import type { Exchange } from '../../src/domain/exchange.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { Transaction } from '../../src/domain/transaction.ts';
import { exchangeById } from '../../src/domain/transaction.ts';
import type { StreamId } from '../../src/domain/ids.ts';
import type { Fault } from './faults.ts';
import { FORGETFUL } from './mesh.ts';
import type { Made, Served, Truth } from './truth.ts';

export interface Kept {
  readonly summary: LoopSummary;
  readonly transaction: Transaction;
  readonly failed: readonly StreamId[];
}

export interface Row {
  readonly failure: number;
  readonly kind: string;
  readonly originRight: boolean;
  readonly keptOnce: boolean;
  readonly outcomeRight: boolean;
  readonly loops: readonly string[];
  readonly origin?: string;
}

export interface Placed {
  readonly right: number;
  /** Right or wrong, in any loop. */
  readonly placed: number;
  readonly wrong: number;
  /** Calls of services that forget context, made for a failed request. */
  readonly made: number;
  /** What was placed wrongly, and what was not placed: lines for people. */
  readonly amiss: readonly string[];
}

export function rowOf(fault: Fault, truth: Truth, kept: readonly Kept[]): Row {
  const at = truth.served.find((served) => served.fault === fault.id);
  if (at === undefined)
    return {
      failure: fault.id,
      kind: `${fault.kind} (did not happen)`,
      originRight: false,
      keptOnce: false,
      outcomeRight: false,
      loops: [],
    };
  const root = truth.rootOf(at);
  const about = kept.filter((loop) => isAbout(loop, root, truth));
  const [loop] = about;
  const entry = loop && loop.transaction.exchanges.some((exchange) => isServed(exchange, root, truth));
  const origin = loop && exchangeById(loop.transaction, loop.summary.origin?.exchange);
  const expected = (root.status ?? 500) >= 500 ? 'failed' : 'swallowed';
  return {
    failure: fault.id,
    kind: fault.kind,
    originRight: origin !== undefined && isOrigin(origin, fault, at, truth),
    keptOnce: about.length === 1 && entry === true,
    outcomeRight: loop?.summary.outcome === expected,
    loops: about.map(({ summary }) => summary.id),
    ...(loop && {
      origin: `${loop.summary.origin?.service ?? '-'}: ${loop.summary.origin?.summary ?? '-'}, ${loop.summary.outcome}`,
    }),
  };
}

export function placedIn(faults: readonly Fault[], truth: Truth, kept: readonly Kept[]): Placed {
  const right = new Set<Made>();
  const amiss: string[] = [];
  let wrong = 0;
  for (const { summary, transaction } of kept) {
    for (const { child, parent, flow } of transaction.links.filter((link) => link.flow !== undefined)) {
      const [call, caller] = [exchangeById(transaction, child), exchangeById(transaction, parent)];
      const made = call && truth.madeAs(call);
      const chosen = caller && truth.servedAs(caller)?.id;
      if (made !== undefined && chosen !== undefined && made.by === chosen) right.add(made);
      else {
        wrong += 1;
        const said = `${flow?.certainty ?? 0} ${flow?.evidence.join(', ') ?? ''}`;
        amiss.push(
          `${summary.id} wrong: ${made?.service ?? '?'} ${made?.path ?? '?'} of ${made?.by ?? '?'} under ${chosen ?? '?'} (${said})`,
        );
      }
    }
  }
  const roots = new Set(
    truth.served.filter(({ fault }) => faults.some(({ id }) => id === fault)).map((served) => truth.rootOf(served).id),
  );
  const byId = new Map(truth.served.map((served) => [served.id, served]));
  const isOfFailure = ({ by, service }: Made): boolean => {
    const served = by === null ? undefined : byId.get(by);
    return FORGETFUL.includes(service) && served !== undefined && roots.has(truth.rootOf(served).id);
  };
  const made = truth.made.filter(isOfFailure);
  for (const call of made.filter((one) => !right.has(one)))
    amiss.push(`not placed: ${call.service} ${call.path} of ${call.by ?? '?'}`);
  return {
    right: made.filter((one) => right.has(one)).length,
    placed: right.size + wrong,
    wrong,
    made: made.length,
    amiss,
  };
}

/** Something that failed in it happened under this root. */
function isAbout({ transaction, failed }: Kept, root: Served, truth: Truth): boolean {
  return failed.some((id) => {
    const exchange = exchangeById(transaction, id);
    const served = exchange && servedBehind(exchange, truth);
    return served !== undefined && truth.rootOf(served).id === root.id;
  });
}

/** The request that an exchange is, or that its call was made for. */
function servedBehind(exchange: Exchange, truth: Truth): Served | undefined {
  if (exchange.vantage.direction === 'inbound') return truth.servedAs(exchange);
  const by = truth.madeAs(exchange)?.by;
  return truth.served.find(({ id }) => id === by);
}

function isServed(exchange: Exchange, served: Served, truth: Truth): boolean {
  return exchange.vantage.direction === 'inbound' && truth.servedAs(exchange)?.id === served.id;
}

function isOrigin(origin: Exchange, { begins }: Fault, at: Served, truth: Truth): boolean {
  if (begins === 'caller') {
    const caller = truth.callerOf(at);
    return caller !== undefined && isServed(origin, caller, truth);
  }
  if (begins === 'hop' && isServed(origin, at, truth)) return true;
  const call = origin.vantage.direction === 'outbound' ? truth.madeAs(origin) : undefined;
  if (begins === 'hop') return call?.arrived?.id === at.id;
  if (begins === 'call') return call?.by === at.id && call.to === 'ghost';
  const served = call?.arrived ?? truth.servedAs(origin);
  return served?.path.startsWith('/stock/none') === true && truth.callerOf(served)?.id === at.id;
}
