/** The ingest thread: transport and recorder, and nothing that could hold them up. A composition root. */
import { randomBytes } from 'node:crypto';
import { setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { parseRecorderId } from '../domain/ids.ts';
import type { RecorderId } from '../domain/ids.ts';
import type { RecordedPart } from '../recorder/part.ts';
import { NOTHING_SHED, Overload, type Shed, worstOf } from '../recorder/overload.ts';
import { Recorder } from '../recorder/recorder.ts';
import { compileRules } from '../verdict/rules/set.ts';
import { createCounters } from './counters.ts';
import { IngestError } from './error.ts';
import { Handover } from './handover.ts';
import { linkTo, listenToHistory } from './history-link.ts';
import { HOLD_MS, Inbox } from './inbox.ts';
import { Lateness, LATENESS_EVERY_MS } from './lateness.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { LOAD_EVERY_MS, LoadProbe } from './load.ts';
import type { FromIngest, IngestConfig, IngestStats, ToIngest } from './messages.ts';
import { CEILING_MS, ORDERED_CEILING_MS, threadPacing } from './pacing.ts';
import { acceptInto } from './session.ts';
import type { ListenAddress } from './transport.ts';
import { DEFAULT_TRANSPORT, loadTransport } from './transports.ts';

const STATS_EVERY_MS = 1000;
const NICENESS = -10;
/** Who sends a message may send more that hang on its answer: so long after one nobody sleeps. */
const TALK_MS = 20;
/** At the end, so long is waited for what the main thread finds in bodies. */
const ANSWERS_MS = 1000;

const port = parentPort;
if (port === null) throw new Error('This file is the entry of a worker thread.');
const config = workerData as IngestConfig;

const say = (message: FromIngest, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, transfer);
const { timeOrigin } = performance;
const pacingMs = config.pacingMs ?? CEILING_MS;
const now = (): number => timeOrigin + performance.now();
const inbox = new Inbox({
  now,
  schedule: after,
  holdMs: pacingMs === 0 ? 0 : HOLD_MS,
});
const { clock } = inbox;
/** Whatever is due finds the recorder as far as the sockets have come. */
const schedule = (ms: number, run: () => void): (() => void) =>
  after(ms, () => {
    inbox.flush();
    run();
  });
const recorderId = newRecorderId();

goFirst();
const handover = new Handover((full) => recorder.holdBack(full));
const recorder: Recorder = new Recorder({
  ...config.recorder,
  ...(config.shedSeed !== undefined && { shedSeed: config.shedSeed }),
  keySeed: randomBytes(6).readUIntLE(0, 6),
  recorderId,
  clock,
  schedule,
  emit: (part) => {
    handover.given(part);
    say({ kind: 'part', part }, buffersOf(part));
  },
  ...(config.history && { history: linkTo(config.history) }),
  ...(config.rules && { rules: compileRules(config.rules.rules, config.rules.version) }),
  ...(config.beside === true && { tellOthers: (ids) => say({ kind: 'ambiguous', ids }) }),
  sayCaptures: (report) => say({ kind: 'captures', report }),
  inspect: (inspection) => say({ kind: 'inspection', inspection }, bufferOf(inspection)),
});
config.history?.on('message', () => inbox.flush());
const leaveHistory = listenToHistory(recorder, config.history);
const counters = createCounters();
const pacing = threadPacing(
  () => (isOrdered() ? Math.min(pacingMs, ORDERED_CEILING_MS) : pacingMs),
  () => performance.now(),
  counters.paced,
);
const probe = new LoadProbe(pacing, {
  now: () => performance.now(),
  active: () => performance.eventLoopUtilization().active,
  slept: () => counters.paced.ms,
});
const createTransport = await loadTransport(config.transport ?? DEFAULT_TRANSPORT);
const transport = createTransport({ counters, clock, schedule, pace: probe, inbox })(acceptInto(recorder, counters), {
  ...DEFAULT_LIMITS,
  ...config.limits,
});
config.history?.on('message', () => pacing.awaited(TALK_MS));
const lateness = new Lateness({ now: () => performance.now(), slept: () => pacing.slept });
const latenessTimer = setInterval(() => lateness.look(), LATENESS_EVERY_MS);
const statsTimer = setInterval(sayStats, STATS_EVERY_MS);
const overload = new Overload();
let load = probe.sample();
/** What another worker has to give up. */
let told: Shed = NOTHING_SHED;
const loadTimer = setInterval(watchLoad, LOAD_EVERY_MS);

/**
 * On a crowded machine this thread goes before others, where the system allows it (root, CAP_SYS_NICE): it needs little, and while it waits, so
 * may live traffic. With 20 threads on two cores it had waited for 2.5 s. On Linux the call is for this thread alone.
 */
function goFirst(): void {
  try {
    setPriority(NICENESS);
  } catch {
    // Not allowed: then it takes its turn like anyone.
  }
}

function newRecorderId(): RecorderId {
  const id = parseRecorderId(randomBytes(8).toString('hex'));
  if (id === undefined) throw new Error('Eight random bytes are a recorder id.');
  return id;
}

/** What another worker hears of the same instance is ordered by time too. */
function isOrdered(): boolean {
  return config.beside === true || recorder.orderMatters(now());
}

/** Handed over, not copied. */
function bufferOf({ records }: { readonly records: Uint8Array }): readonly ArrayBuffer[] {
  return records.buffer instanceof ArrayBuffer ? [records.buffer] : [];
}

function buffersOf(part: RecordedPart): readonly ArrayBuffer[] {
  return [part, ...(part.around?.neighbours ?? [])].flatMap(bufferOf);
}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function watchLoad(): void {
  inbox.flush();
  load = probe.sample();
  const before = overload.shed;
  const shed = overload.take(load);
  if (shed === before || config.shedding === false) return;
  recorder.shed(worstOf([shed, told]));
  say({ kind: 'overload', shed });
}

function sayStats(): void {
  inbox.flush();
  const loopDelayMs = lateness.take();
  const heapBytes = getHeapStatistics().used_heap_size;
  const counts = recorder.takeBraked();
  if (counts.length > 0) say({ kind: 'braked', counts });
  say({
    kind: 'stats',
    stats: { counters, recorder: recorder.stats(), loopDelayMs, load, heapBytes, handover: handedOver() },
  });
}

function handedOver(): NonNullable<IngestStats['handover']> {
  return { bytes: handover.bytes, lost: recorder.lostWhileHeld };
}

/** Ends what is open, so that it is judged, and copies out what is to be kept, so that nothing which failed is lost. */
async function stop(): Promise<void> {
  await transport.drain(config.drainMs ?? 0);
  // Only now: exchanges that it waits for are recorded as before, and may be too many.
  clearInterval(statsTimer);
  clearInterval(loadTimer);
  clearInterval(latenessTimer);
  await Promise.race([recorder.answered(), delay(ANSWERS_MS, undefined, { ref: false })]);
  recorder.flush();
  await Promise.race([recorder.lookedBack(), delay(ANSWERS_MS, undefined, { ref: false })]);
  leaveHistory();
  transport.serving(false);
  await transport.close();
  recorder.close();
  sayStats();
  say({ kind: 'stopped' });
  port?.close();
}

async function listen(): Promise<void> {
  const addresses: ListenAddress[] = [];
  try {
    for (const address of config.listen) addresses.push(await transport.listen(address));
  } catch (error) {
    if (!(error instanceof IngestError)) throw error;
    say({ kind: 'refused', code: error.code, message: error.message, hint: error.hint });
    return stop();
  }
  say({ kind: 'listening', recorder: recorderId, addresses });
}

port.on('message', (message: ToIngest) => {
  // Nobody waits for what this leads to.
  if (message.kind === 'taken') return handover.taken(message.bytes);
  pacing.awaited(TALK_MS);
  inbox.flush();
  switch (message.kind) {
    case 'keep':
      return recorder.keep(message.transaction);
    case 'brake':
    case 'release':
      return recorder.brake(message);
    case 'elsewhere':
    case 'ambiguous':
      return recorder.elsewhere(message);
    case 'shed':
      told = message.shed;
      return recorder.shed(worstOf([overload.shed, told]));
    case 'captures':
    case 'walk':
      return recorder.captures(message);
    case 'rules':
      return recorder.rules(compileRules(message.rules.rules, message.rules.version));
    case 'split':
      return recorder.split(message.instances);
    case 'inspected':
      return recorder.inspected(message.answer);
    case 'stop':
      return void stop();
  }
});
await listen();
