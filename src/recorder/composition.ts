import { Brake } from './brake.ts';
import { signatureOf } from './brake-signature.ts';
import { keyOfStream, streamId } from '../domain/ids.ts';
import { Checkpoints } from './checkpoints.ts';
import { Conversations } from './conversations.ts';
import { copyOut } from './copyout.ts';
import { Exchanges } from './exchanges.ts';
import { Holding } from './holding.ts';
import { Intake } from './intake.ts';
import { openAlone } from './alone.ts';
import type { LogRecord } from './logs.ts';
import { Logs } from './logs.ts';
import type { RecorderOptions } from './options.ts';
import { limitsOf } from './options.ts';
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
}

export function compose(options: RecorderOptions): Composition {
  const { clock, schedule, recorderId, emit } = options;
  const limits = limitsOf(options);
  const keyOf = (stream: Stream) => keyOfStream(streamId(recorderId, stream.number));
  const registry = new Registry(limits.indexBytes);
  const holding = new Holding(limits.ringBytes, limits.pinnedBytes, registry);
  const parts = new PartWriter(holding, recorderId, emit);
  const checkpoints = new Checkpoints(holding.ring);
  const ranges = new Ranges(holding, checkpoints, limits.transactionBytes);
  const samples = new Samples({ holding, ranges, parts, clock, limits, keyOf });
  const brake = new Brake((entry) => signatureOf(entry, holding.ring));
  const settlement = new Settlement({
    holding,
    registry,
    clock,
    schedule,
    limits,
    brake,
    copyOut: (entry) => copyOut(entry, { holding, ranges, parts }),
    wentWell: (entry) => samples.wentWell(entry),
  });
  const intake = new Intake(holding);
  const { transactions } = registry;
  const awaitsLog = (stream: Stream, at: number): boolean => logs.expects(stream, at);
  const inward = { intake, holding, settlement, limits, transactions };
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
  registry.attach(holding, settlement, logs);
  return { registry, holding, parts, settlement, brake, exchanges, conversations, logs };
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
