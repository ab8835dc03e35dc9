/** loopd, put together: data directory, key, store, keeper, ingest thread, API. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TransactionKey } from '../domain/ids.ts';
import type { IngestStats } from '../ingest/client.ts';
import { IngestError } from '../ingest/error.ts';
import { startIngestGroup } from '../ingest/group.ts';
import type { GroupConfig, GroupHandle, GroupOptions } from '../ingest/group.ts';
import type { ListenAddress } from '../ingest/transport.ts';
import { createInspector } from './inspector.ts';
import { storeRedactionKey, userKey } from '../seal/keys.ts';
import { createRedactor } from '../seal/redact.ts';
import type { BrakeOrder } from '../recorder/brake.ts';
import { hourOf, KeepBudget } from '../verdict/budget.ts';
import { userOfEntry } from '../captures/user-of.ts';
import type { Config } from './config.ts';
import { openDataDirectory } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { DaemonError } from './error.ts';
import { startLoopdHistory } from './history.ts';
import type { LoopdHistory } from './history.ts';
import { Keeper } from './keeper.ts';
import { startCaptures } from './captures.ts';
import type { LoopdCaptures } from './captures.ts';
import { Outage } from './outage.ts';
import { type RulesInForce } from './rules-file.ts';
import { rulesReader } from './rules-reader.ts';
import { openHome, type Home } from './home.ts';
import { VerdictLag } from './metrics/verdict-lag.ts';
import type { LoopdOptions } from './options.ts';
import { portTaken, textOf } from './port-taken.ts';
import { Heartbeat } from './readiness.ts';
import { serveApi, type Recording } from './serve-api.ts';
import { sinkAddresses } from './sink-addresses.ts';
import { SplitInstances } from './split-instances.ts';

const MIB = 1024 * 1024;
const BACKLOG_BYTES = 256 * MIB;
/** At the end, so long is waited for the store: with drainMs before it well inside the 30 s that orchestrators give. */
const STORE_MS = 15_000;
/** What closes after that asks the store, which may hang. Milliseconds. */
const CLOSE_MS = 5_000;
/** Numbers there are to say which transactions are given up first: nobody outside is to choose. */
const SEEDS = 2 ** 32;

export interface Loopd {
  /** Where sidecars send to. */
  readonly sinks: readonly ListenAddress[];
  readonly apiUrl: string;
  readonly token: string;
  stats(): IngestStats | undefined;
  /** Keeps a transaction although nothing in it failed, as far as the flight recorder, or the history behind it, still holds it; ignored when it holds nothing. */
  keep(transaction: TransactionKey): void;
  /** Keeps what is to be kept, then closes everything. */
  stop(): Promise<void>;
}

/** Rejects with DaemonError: `store`, `port-taken`, `ingest`. What was opened before is closed again. */
export async function startLoopd(options: LoopdOptions): Promise<Loopd> {
  await using opened = new AsyncDisposableStack();
  const files = await openDataDirectory(options.config.data);
  const home = await openHome(options, files, opened);
  const recorders: { handle?: GroupHandle } = {};
  const outage = startCounting(options, home, (order) => recorders.handle?.brake(order));
  opened.defer(() => outage.stop());
  const captures = await startCaptures({ ...options, ...home });
  opened.defer(() => captures.desk.close());
  const lag = new VerdictLag(options.clock);
  const keeper = await startKeeper(options, home, outage, captures, lag, recorders);
  opened.defer(() => keeper.stop());
  const history = await startHistory(options, files, keeper);
  opened.defer(() => history.stopped());
  const heartbeat = new Heartbeat(options.clock, options.config.recorder.workers);
  const ingest = await startRecording(options, files, keeper, history, home.rules, outage, captures, heartbeat);
  captures.attach((order) => ingest.handle.captures(order));
  recorders.handle = ingest.handle;
  opened.defer(() => ingest.handle.stop());
  const served = { ...options, ...home, files, keeper, ingest, history, captures, outage, heartbeat, lag };
  const apiUrl = await serveApi(served, opened);
  // Last opened, first closed: no new parts, then what waits is stored, then the store.
  const closing = opened.move();
  return {
    sinks: ingest.handle.addresses,
    apiUrl,
    token: home.token,
    stats: () => ingest.stats(),
    keep: (transaction) => ingest.handle.keep(transaction),
    async stop() {
      heartbeat.stops();
      // The API answers until all is stored: /readyz says that no more is to be sent here.
      await ingest.handle.stop();
      await history.stopped();
      await keeper.stop(STORE_MS);
      await Promise.race([closing.disposeAsync(), delay(CLOSE_MS, undefined, { ref: false })]);
    },
  };
}

function startCounting(
  { config, clock, log }: LoopdOptions,
  { store, key, redaction }: Home,
  order: (order: BrakeOrder) => void,
): Outage {
  const redact = createRedactor(storeRedactionKey(key), { rules: redaction });
  const failed = (error: unknown): void =>
    log.failed(`Failures could not be counted: ${error instanceof Error ? error.message : String(error)}`, undefined);
  const { loopsPerHour, users } = config;
  const counting = { store, clock, redact, userKey: userKey(key), userOf: userOfEntry(users) };
  return new Outage({ ...counting, loopsPerHour, order, failed });
}

async function startKeeper(
  { config, clock, log }: LoopdOptions,
  { store, key, subjects, redaction, protobuf, rules }: Home,
  outage: Outage,
  captures: LoopdCaptures,
  lag: VerdictLag,
  recorders: { readonly handle?: GroupHandle },
): Promise<Keeper> {
  const budget = new KeepBudget(config.loopsPerHour, clock);
  budget.restore(await store.keptInHour(hourOf(clock.now())));
  return new Keeper({
    store,
    key,
    budget,
    decided: (decision) => outage.decided(decision),
    waiting: outage,
    captures: captures.gate,
    subjects,
    rules: () => rules.set,
    redaction,
    protobuf,
    originals: config.originals,
    backlogBytes: BACKLOG_BYTES,
    clock,
    wait: (ms) => delay(ms, undefined, { ref: false }),
    log,
    want: (transaction) => recorders.handle?.keep(transaction),
    admitted: (loop) => recorders.handle?.kept(loop),
    listed: (endedAt) => lag.listed(endedAt),
  });
}

function startHistory({ config, log }: LoopdOptions, files: DataDirectory, keeper: Keeper): Promise<LoopdHistory> {
  return startLoopdHistory({
    file: files.historyFile,
    bytes: config.recorder.history?.bytes,
    recorders: config.recorder.workers,
    take: (part) => keeper.take(part),
    failed: (message, hint) => log.failed(message, hint),
  });
}

async function startRecording(
  { config, clock, log, died }: LoopdOptions,
  files: DataDirectory,
  keeper: Keeper,
  history: LoopdHistory,
  rules: RulesInForce,
  outage: Outage,
  captures: LoopdCaptures,
  heartbeat: Heartbeat,
): Promise<Recording> {
  let latest: IngestStats | undefined;
  let each: readonly IngestStats[] = [];
  let dead: string | undefined;
  const split = new SplitInstances((message, hint) => log.failed(message, hint));
  const inspect = createInspector([rulesReader(() => rules.set)], (answer) => handle.inspected(answer));
  const handle: GroupHandle = await openIngest(
    config,
    files,
    { rules: rules.written, history: history.ports, clock },
    {
      onPart: (part) => keeper.take(part),
      onInspection: (inspection) => inspect(inspection),
      onStats: (stats, workers) => {
        latest = stats;
        each = workers;
        for (const [worker, said] of workers.entries()) heartbeat.heard(said, worker);
      },
      onSplit: (instances) => split.found(instances),
      onBraked: (counts) => outage.braked(counts),
      onCaptures: (report) => keeper.after(() => captures.desk.hear(report)),
      onFailure: (cause) => {
        dead = `The ingest thread has died: ${cause.message}`;
        died(new DaemonError('ingest', dead, 'Nothing is recorded any more: restart loopd.', { cause }));
      },
    },
  );
  rules.changed = () => handle.rules(rules.written);
  return { handle, stats: () => latest, workers: () => each, trouble: () => dead, warning: () => split.warning() };
}

async function openIngest(
  config: Config,
  files: DataDirectory,
  { rules, history, clock }: Pick<GroupConfig, 'rules' | 'history'> & GroupOptions,
  handlers: Parameters<typeof startIngestGroup>[1],
): Promise<GroupHandle> {
  const { history: _, workers, shedding, ...recorder } = config.recorder;
  const listen = sinkAddresses(config, files.socket);
  const shed = { shedding, shedSeed: randomInt(SEEDS), drainMs: config.sink.drainMs, transport: config.sink.transport };
  const group = { workers, listen, recorder, ...shed, ...(rules && { rules }), ...(history && { history }) };
  return startIngestGroup(group, handlers, { clock }).catch((error: unknown) => {
    if (error instanceof IngestError && error.code === 'bad-certificate')
      throw new DaemonError('bad-config', error.message, error.hint, { cause: error });
    // The ingest thread says itself what it cannot do, and where.
    throw portTaken(textOf(error), 'sink.port', error);
  });
}
