import { ArrivalOrder } from './arrival.ts';
import { Brake } from './brake.ts';
import { Capturing } from './capturing.ts';
import { signatureOf } from './brake-signature.ts';
import { keyOfStream, streamId } from '../domain/ids.ts';
import type { TransactionKey } from '../domain/ids.ts';
import { CommandLooks } from './command-looks.ts';
import { Checkpoints } from './checkpoints.ts';
import { Conversations } from './conversations.ts';
import { copyOut } from './copyout.ts';
import { Elsewhere } from './elsewhere.ts';
import type { Entry } from './entry.ts';
import { Exchanges } from './exchanges.ts';
import { Holding } from './holding.ts';
import { BUILT_IN } from '../verdict/rules/set.ts';
import { Inspections } from './inspections.ts';
import { Judging } from './judging.ts';
import { Intake } from './intake.ts';
import { openAlone } from './alone.ts';
import type { LogRecord } from './logs.ts';
import { Logs } from './logs.ts';
import { LookBack } from './look-back.ts';
import type { RecorderLimits, RecorderOptions } from './options.ts';
import { limitsOf } from './options.ts';
import { Neighbours } from './neighbours.ts';
import { PartWriter } from './parts.ts';
import { Ranges } from './ranges.ts';
import { Registry } from './registry.ts';
import { Samples } from './samples.ts';
import { Settlement } from './settlement.ts';
import { Shedding } from './shedding.ts';
import type { Stream } from './streams.ts';
import { Unrecorded } from './unrecorded.ts';

/** What holds records and copies them out. */
interface Store {
  readonly limits: RecorderLimits;
  readonly registry: Registry;
  readonly holding: Holding;
  readonly parts: PartWriter;
  readonly checkpoints: Checkpoints;
  readonly ranges: Ranges;
  readonly lookBack: LookBack | undefined;
  readonly order: ArrivalOrder;
}

/** What decides over transactions. */
interface Deciding {
  readonly samples: Samples;
  readonly brake: Brake;
  /** Undefined where there is no other recorder. */
  readonly elsewhere: Elsewhere | undefined;
  readonly neighbours: Neighbours;
  readonly settlement: Settlement;
  readonly inspections: Inspections;
  readonly commandLooks: CommandLooks;
  readonly judging: Judging;
  readonly capturing: Capturing;
}

/** What takes in what Envoys send. */
interface Taking {
  readonly exchanges: Exchanges;
  readonly conversations: Conversations;
  readonly logs: Logs;
  readonly unrecorded: Unrecorded;
}

/** The pieces of one recorder, put together. */
export type Composition = Store & Deciding & Taking & { readonly shedding: Shedding };

export function compose(options: RecorderOptions): Composition {
  const store = composeStore(options);
  const deciding = composeDeciding(options, store);
  const shedding = new Shedding(options.shedSeed ?? 0, {
    missed: () => deciding.neighbours.missed(),
    capturesRun: () => deciding.capturing.isOn,
    hashOf: (key) => store.registry.transactions.hashOf(key),
  });
  const taking = composeTaking(options, store, deciding, shedding);
  store.registry.attach(store.holding, deciding.settlement, taking.logs, store.lookBack?.spill);
  return { ...store, ...deciding, ...taking, shedding };
}

function composeStore(options: RecorderOptions): Store {
  const { schedule, recorderId, emit, history } = options;
  const limits = limitsOf(options);
  const registry = new Registry(limits.indexBytes, recorderId, options.numbersBefore ?? 0, options.keySeed ?? 0);
  const holding = new Holding(limits.ringBytes, limits.pinnedBytes, registry);
  const parts = new PartWriter(holding, registry.numbering, emit);
  const checkpoints = new Checkpoints(holding.ring);
  const ranges = new Ranges(holding, checkpoints, limits.transactionBytes);
  const asked = { holding, registry, ranges, parts, limits, schedule };
  const lookBack = history && new LookBack({ ...asked, link: history });
  return { limits, registry, holding, parts, checkpoints, ranges, lookBack, order: new ArrivalOrder() };
}

function composeDeciding(options: RecorderOptions, store: Store): Deciding {
  const { clock, schedule, sayCaptures = () => undefined } = options;
  const { limits, registry, holding, parts, ranges, lookBack, order } = store;
  const samples = new Samples({ holding, ranges, parts, clock, limits, keyOf: keysFor(registry) });
  const brake = new Brake((entry) => signatureOf(entry, holding.ring), options.tellOthers !== undefined);
  const neighbours = new Neighbours({ holding, clock, limits, order });
  const settlement = new Settlement({
    holding,
    registry,
    clock,
    schedule,
    limits,
    brake,
    copyOut: (entry, last) => {
      neighbours.rested(entry);
      copyOut(entry, last, { holding, ranges, parts, neighbours, lookBack });
    },
    awaitsCallers: (entry) => neighbours.awaitsCallers(entry),
    wentWell: (entry) => {
      neighbours.rested(entry);
      samples.wentWell(entry);
    },
  });
  const all = () => registry.transactions.all();
  const capturing = new Capturing({ holding, settlement, clock, schedule, all, say: sayCaptures });
  const elsewhere = composeElsewhere(options, store, settlement);
  return {
    samples,
    brake,
    elsewhere,
    neighbours,
    settlement,
    ...composeJudging(options, store, settlement),
    capturing,
  };
}

function composeElsewhere(
  { tellOthers: tell }: RecorderOptions,
  { registry: { transactions }, holding: { ring }, lookBack }: Store,
  settlement: Settlement,
): Elsewhere | undefined {
  const elsewhere = tell && new Elsewhere({ transactions, settlement, ring, lookBack, tell });
  transactions.elsewhere = elsewhere;
  return elsewhere;
}

function composeJudging(
  { clock, recorderId, inspect, rules }: RecorderOptions,
  { holding, limits }: Store,
  settlement: Settlement,
): Pick<Deciding, 'inspections' | 'commandLooks' | 'judging'> {
  const keep = (entry: Entry, at: number): void => settlement.keep(entry, at, 'failed');
  const inspections = new Inspections({
    holding,
    clock,
    limits,
    recorderId,
    emit: inspect,
    keep,
    cleared: (entry) => settlement.cleared(entry),
  });
  const commandLooks = new CommandLooks({ perSecond: limits.commandLooksPerSecond, keep });
  return { inspections, commandLooks, judging: new Judging(rules ?? BUILT_IN, inspections, commandLooks) };
}

function composeTaking(options: RecorderOptions, store: Store, deciding: Deciding, shedding: Shedding): Taking {
  const { clock, schedule } = options;
  const { limits, registry, holding } = store;
  const { samples, neighbours, settlement, judging } = deciding;
  const intake = new Intake(holding);
  const exchanges: Exchanges = new Exchanges({
    intake,
    holding,
    settlement,
    neighbours,
    judging,
    shedding,
    limits,
    transactions: registry.transactions,
    keyOf: keysFor(registry),
    awaitsLog: (stream, at) => logs.expects(stream, at),
    inboundOpens: (instance) => samples.prologuesOf(instance),
  });
  const conversations = composeConversations(intake, store, deciding);
  const unrecorded = new Unrecorded({ clock, schedule, registry, holding, conversations, settlement });
  const logs: Logs = new Logs({
    clock,
    schedule,
    limits,
    keySeed: options.keySeed ?? 0,
    joined: (stream, entry, at) => joined(stream, entry, at, { exchanges, conversations, unrecorded }),
    alone: (entry, at) => openAlone(entry, at, { registry, exchanges, holding, unrecorded }),
    unrecorded: (entry, before) => unrecorded.ongoing(entry, before),
    overdue: (stream, at) => exchanges.overdue(stream, at),
    shed: (bytes) => holding.shed(bytes.length),
    passedOver: (bytes) => holding.passedOver(bytes.length),
  });
  return { exchanges, conversations, logs, unrecorded };
}

function composeConversations(intake: Intake, store: Store, { samples, commandLooks }: Deciding): Conversations {
  const { checkpoints, limits, order } = store;
  return new Conversations(
    intake,
    checkpoints,
    limits,
    order,
    (stream) => samples.prologue(stream),
    (instance, askedAt, at) => commandLooks.failed(instance, askedAt, at),
  );
}

/** The key of a stream that shows none. */
function keysFor({ numbering }: Registry): (stream: Stream) => TransactionKey {
  return (stream) => keyOfStream(streamId(numbering.recorder, stream.number));
}

function joined(
  stream: Stream,
  entry: LogRecord,
  at: number,
  { exchanges, conversations, unrecorded }: Pick<Taking, 'exchanges' | 'conversations' | 'unrecorded'>,
): void {
  if (stream.conversation === undefined) exchanges.logged(stream, entry, at);
  else if (stream.conversation.unrecorded) unrecorded.ended(stream, entry, at);
  else conversations.logged(stream, stream.conversation, entry.bytes, at);
}
