import { Brake } from './brake.ts';
import { Capturing } from './capturing.ts';
import { signatureOf } from './brake-signature.ts';
import { keyOfStream, streamId } from '../domain/ids.ts';
import { Checkpoints } from './checkpoints.ts';
import { Conversations } from './conversations.ts';
import { copyOut } from './copyout.ts';
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
import type { RecorderOptions } from './options.ts';
import { limitsOf } from './options.ts';
import { Neighbours } from './neighbours.ts';
import { PartWriter } from './parts.ts';
import { Ranges } from './ranges.ts';
import { Registry } from './registry.ts';
import { Samples } from './samples.ts';
import { Settlement } from './settlement.ts';
import type { Stream } from './streams.ts';

/** The pieces of one recorder, put together. */
export interface Composition {
  readonly registry: Registry;
  readonly holding: Holding;
  readonly parts: PartWriter;
  readonly settlement: Settlement;
  readonly brake: Brake;
  readonly exchanges: Exchanges;
  readonly conversations: Conversations;
  readonly logs: Logs;
  readonly neighbours: Neighbours;
  readonly capturing: Capturing;
  readonly lookBack: LookBack | undefined;
  readonly inspections: Inspections;
  readonly judging: Judging;
}

export function compose(options: RecorderOptions): Composition {
  const { clock, schedule, recorderId, emit, inspect, rules, history } = options;
  const limits = limitsOf(options);
  const keyOf = (stream: Stream) => keyOfStream(streamId(recorderId, stream.number));
  const registry = new Registry(limits.indexBytes);
  const holding = new Holding(limits.ringBytes, limits.pinnedBytes, registry);
  const parts = new PartWriter(holding, recorderId, emit);
  const checkpoints = new Checkpoints(holding.ring);
  const ranges = new Ranges(holding, checkpoints, limits.transactionBytes);
  const lookBack =
    history &&
    new LookBack({ holding, registry, ranges, parts, limits, schedule, link: history, recorder: recorderId });
  const samples = new Samples({ holding, ranges, parts, clock, limits, keyOf });
  const brake = new Brake((entry) => signatureOf(entry, holding.ring));
  const neighbours = new Neighbours({ holding, clock, limits });
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
  const inspections = new Inspections({
    holding,
    clock,
    limits,
    recorderId,
    emit: inspect,
    keep: (entry, at) => settlement.keep(entry, at, 'failed'),
    cleared: (entry) => settlement.cleared(entry),
  });
  const judging = new Judging(rules ?? BUILT_IN, inspections);
  const intake = new Intake(holding);
  const { transactions } = registry;
  const awaitsLog = (stream: Stream, at: number): boolean => logs.expects(stream, at);
  const inward = { intake, holding, settlement, neighbours, judging, limits, transactions };
  const exchanges = new Exchanges({
    ...inward,
    keyOf,
    awaitsLog,
    inboundOpens: (instance) => samples.prologuesOf(instance),
  });
  const conversations = new Conversations(intake, checkpoints, limits.prologueBytes, (stream) =>
    samples.prologue(stream),
  );
  const logs = new Logs({
    clock,
    schedule,
    limits,
    joined: (stream, entry, at) => joined(stream, entry, at, { exchanges, conversations }),
    alone: (entry, at) => openAlone(entry, at, { registry, exchanges, holding }),
    overdue: (stream, at) => exchanges.overdue(stream, at),
    shed: (bytes) => holding.shed(bytes.length),
  });
  const all = () => transactions.all();
  const say = options.sayCaptures ?? (() => undefined);
  const capturing = new Capturing({ holding, settlement, clock, schedule, all, say });
  registry.attach(holding, settlement, logs, lookBack?.spill);
  return {
    registry,
    holding,
    parts,
    settlement,
    brake,
    exchanges,
    conversations,
    logs,
    capturing,
    lookBack,
    inspections,
    judging,
    neighbours,
  };
}

function joined(
  stream: Stream,
  entry: LogRecord,
  at: number,
  { exchanges, conversations }: { readonly exchanges: Exchanges; readonly conversations: Conversations },
): void {
  if (stream.conversation === undefined) exchanges.logged(stream, entry, at);
  else conversations.logged(stream, stream.conversation, entry.bytes, at);
}
