/** loopd, put together: data directory, key, store, keeper, ingest thread, API. */
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import { openLocalStore } from '../../storage/local.ts';
import { StorageError } from '../../storage/errors.ts';
import type { LoopStore } from '../../storage/port.ts';
import { createHandlers } from '../api/handlers.ts';
import type { ApiFor } from '../api/port.ts';
import { serveAccess } from '../api/server/access.ts';
import { serveButton, type ServedButton } from '../api/server/button.ts';
import { createServer } from '../api/server/server.ts';
import { EventLog } from '../api/events.ts';
import { withVitals } from '../api/vitals.ts';
import type { EventsOptions } from '../api/server/event-streams.ts';
import type { Clock } from '../domain/clock.ts';
import type { TransactionKey } from '../domain/ids.ts';
import { announcedStore } from './announced-store.ts';
import { consoleDirectory } from './console-directory.ts';
import { startVitals } from './start-vitals.ts';
import { serveTools } from './tools.ts';
import { startIngest } from '../ingest/client.ts';
import type { IngestHandle, IngestStats } from '../ingest/client.ts';
import type { WrittenRules } from '../ingest/messages.ts';
import type { ListenAddress } from '../ingest/transport.ts';
import { createInspector } from './inspector.ts';
import { loadOrCreateStoreKey } from '../seal/keyfile.ts';
import type { StoreKey } from '../seal/keys.ts';
import { buttonKey, storeRedactionKey, userKey } from '../seal/keys.ts';
import { createRedactor } from '../seal/redact.ts';
import type { RedactionRules } from '../seal/rules.ts';
import type { Schema } from '../wire/protobuf/schema.ts';
import type { BrakeOrder } from '../recorder/brake.ts';
import { hourOf, KeepBudget } from '../verdict/budget.ts';
import { subjectsBy, type Subjects } from '../captures/subjects.ts';
import { userOfEntry } from '../captures/user-of.ts';
import type { AuditLog } from '../audit/log-file.ts';
import { openAudit } from './audit.ts';
import type { Config } from './config.ts';
import { loadOrCreateToken, openDataDirectory } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { openAccess } from './access.ts';
import { DaemonError } from './error.ts';
import { startLoopdHistory } from './history.ts';
import type { LoopdHistory } from './history.ts';
import type { KeeperLog } from './keeper.ts';
import { Keeper } from './keeper.ts';
import { createMetrics } from './metrics.ts';
import { recordedUsers } from './users.ts';
import { startCaptures } from './captures.ts';
import type { LoopdCaptures } from './captures.ts';
import { Outage } from './outage.ts';
import { configuredSchema } from './protobuf.ts';
import { openRules, type RulesInForce, type RulesLog } from './rules-file.ts';
import { rulesReader } from './rules-reader.ts';
import { redactionRules } from './redaction.ts';
import { deleteExpired } from './retention.ts';
import { supportTools } from './support.ts';

const MIB = 1024 * 1024;
const BACKLOG_BYTES = 256 * MIB;
const HOUR_MS = 3_600_000;

export interface LoopdOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: KeeperLog & RulesLog;
  /** Called once when loopd cannot go on. */
  readonly died: (error: DaemonError) => void;
  readonly version: string;
}

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
  let brake: (order: BrakeOrder) => void = () => undefined;
  const outage = startCounting(options, home, (order) => brake(order));
  opened.defer(() => outage.stop());
  let want: (transaction: TransactionKey) => void = () => undefined;
  const captures = await startCaptures({ ...options, ...home });
  opened.defer(() => captures.desk.close());
  const keeper = await startKeeper(options, home, outage, captures, (transaction) => want(transaction));
  opened.defer(() => keeper.stop());
  const history = await startHistory(options, files, keeper);
  opened.defer(() => history.stopped());
  const ingest = await startRecording(options, files, keeper, history, home.rules, outage, captures);
  captures.attach((order) => ingest.handle.captures(order));
  brake = (order) => ingest.handle.brake(order);
  want = (transaction) => ingest.handle.keep(transaction);
  opened.defer(() => ingest.handle.stop());
  const apiUrl = await serveApi({ ...options, ...home, files, keeper, ingest, history, captures, outage }, opened);
  // Last opened, first closed: no new parts, then what waits is stored, then the store.
  const closing = opened.move();
  return {
    sinks: ingest.handle.addresses,
    apiUrl,
    token: home.token,
    stats: () => ingest.stats(),
    keep: (transaction) => ingest.handle.keep(transaction),
    stop: () => closing.disposeAsync(),
  };
}

interface Home {
  readonly audit: AuditLog;
  /** Tells users apart. */
  readonly subjects: Subjects;
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly token: string;
  readonly redaction: RedactionRules;
  readonly protobuf: Schema;
  readonly rules: RulesInForce;
  readonly events: EventsOptions;
}

async function openHome(options: LoopdOptions, files: DataDirectory, opened: AsyncDisposableStack): Promise<Home> {
  const redaction = redactionRules(options.config);
  const protobuf = configuredSchema(options.config);
  const rules = await openRules({ path: options.config.rules, log: options.log });
  opened.defer(() => rules.close());
  const key = await loadOrCreateStoreKey(files.keyFile);
  const token = await loadOrCreateToken(files.tokenFile);
  const { clock } = options;
  const log = new EventLog(Math.floor(clock.now()));
  const { store, serviceOf } = announcedStore(await openStore(files, clock), log);
  opened.defer(() => store.close());
  const audit = await openAudit(files, key, options.clock);
  opened.defer(() => audit.close());
  const subjects = subjectsBy(userKey(key), options.config.users);
  await expire(store, options);
  const expiry = setInterval(() => void expire(store, options), HOUR_MS);
  opened.defer(() => clearInterval(expiry));
  const events = { log, clock, every, serviceOf };
  return { store, key, token, audit, subjects, redaction, protobuf, rules, events };
}

function every(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms);
  timer.unref();
  return () => clearInterval(timer);
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
  want: (transaction: TransactionKey) => void,
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
    wait: (ms) => delay(ms),
    log,
    want,
  });
}

function startHistory({ config, log }: LoopdOptions, files: DataDirectory, keeper: Keeper): Promise<LoopdHistory> {
  return startLoopdHistory({
    file: files.historyFile,
    bytes: config.recorder.history?.bytes,
    take: (part) => keeper.take(part),
    failed: (message, hint) => log.failed(message, hint),
  });
}

interface Recording {
  readonly handle: IngestHandle;
  /** The latest numbers of the ingest thread. */
  stats(): IngestStats | undefined;
  /** Why nothing is recorded any more. */
  trouble(): string | undefined;
}

async function startRecording(
  { config, died }: LoopdOptions,
  files: DataDirectory,
  keeper: Keeper,
  history: LoopdHistory,
  rules: RulesInForce,
  outage: Outage,
  captures: LoopdCaptures,
): Promise<Recording> {
  let latest: IngestStats | undefined;
  let dead: string | undefined;
  const inspect = createInspector([rulesReader(() => rules.set)], (answer) => handle.inspected(answer));
  const handle: IngestHandle = await openIngest(
    config,
    files,
    { rules: rules.written, history: history.port },
    {
      onPart: (part) => keeper.take(part),
      onInspection: (inspection) => inspect(inspection),
      onStats: (stats) => (latest = stats),
      onBraked: (counts) => outage.braked(counts),
      onCaptures: (report) => keeper.after(() => captures.desk.hear(report)),
      onFailure: (cause) => {
        dead = `The ingest thread has died: ${cause.message}`;
        died(new DaemonError('ingest', dead, 'Nothing is recorded any more: restart loopd.', { cause }));
      },
    },
  );
  rules.changed = () => handle.rules(rules.written);
  return { handle, stats: () => latest, trouble: () => dead };
}

interface Served extends LoopdOptions, Home {
  readonly files: DataDirectory;
  readonly keeper: Keeper;
  readonly ingest: Recording;
  readonly history: LoopdHistory;
  readonly captures: LoopdCaptures;
  readonly outage: Outage;
}

function usersIn({ subjects, clock, keeper, outage, ingest, history }: Served): ReturnType<typeof recordedUsers> {
  const reach = () => ({
    memory: ingest.stats()?.recorder.historySeconds,
    history: history.stats()?.seconds,
  });
  return recordedUsers({ subjects, clock, keeper, outage, reach });
}

/** Leaves its address in the file `api`, where loopctl finds it. */
async function serveApi(served: Served, opened: AsyncDisposableStack): Promise<string> {
  const { store, key, audit, redaction, protobuf, rules, keeper, ingest, history, captures, files, version } = served;
  const { host, port, hosts, url: known } = served.config.api;
  const listening = (): string => server.listeningOrigin;
  const identities = await openAccess({ ...served, listening });
  const apiFor = createHandlers({
    store,
    key,
    audit,
    redaction,
    rules: () => rules.set,
    protobuf,
    originals: served.config.originals,
    captures: captures.desk,
    told: audit,
    users: usersIn(served),
    tokens: identities.access.tokens,
    createdBy: `loop ${version}`,
  });
  const warning = (): string | undefined => rules.warning();
  const trouble = (): string | undefined => ingest.trouble() ?? keeper.trouble() ?? history.trouble();
  const vitals = opened.use(startVitals({ ...served, trouble, warning }));
  const access = serveAccess({ ...identities, version, audit });
  const server = createServer({
    apiFor: withVitals(apiFor, () => vitals.read()),
    ...access,
    own: { ...access.own, mcp: serveTools(apiFor, served.config, version) },
    console: consoleDirectory(),
    button: openButton(served, apiFor, listening),
    hosts: [...hosts, ...(known === undefined ? [] : [new URL(known).hostname])],
    events: served.events,
    version,
    metrics: createMetrics({
      ingest: () => ingest.stats(),
      keeper: () => keeper.stats(),
      history: () => history.stats(),
      rules: () => rules,
    }),
    trouble,
  });
  const url = await server.listen({ host, port }).catch((error: unknown) => {
    throw portTaken(`Cannot listen on ${host}:${port}: ${textOf(error)}`, 'api.port', error);
  });
  opened.defer(() => server.close());
  await writeFile(files.addressFile, `${url}\n`, { mode: 0o600 });
  opened.defer(() => rm(files.addressFile, { force: true }));
  return url;
}

/** Undefined where no support tool is configured. `url`: of the API, once it listens. */
function openButton(
  { config, key, clock, captures }: Served,
  apiFor: ApiFor,
  url: () => string,
): ServedButton | undefined {
  const tools = supportTools(config.support);
  if (tools.length === 0) return undefined;
  return serveButton({
    tools,
    key: buttonKey(key),
    clock,
    apiFor,
    peek: (id) => captures.desk.peek(id),
    link: (id) => new URL(`captures/${id}`, withSlash(config.api.url ?? url())).href,
  });
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

async function expire(store: LoopStore, { config, clock, log }: LoopdOptions): Promise<void> {
  await deleteExpired(store, config.retentionDays, clock).catch((error: unknown) => {
    log.failed(`Old recordings could not be deleted: ${textOf(error)}`, undefined);
  });
}

async function openStore(files: DataDirectory, clock: Clock): Promise<LoopStore> {
  return openLocalStore(files.store, { clock }).catch((error: unknown) => {
    if (error instanceof StorageError) throw new DaemonError('store', error.message, error.hint, { cause: error });
    throw error;
  });
}

async function openIngest(
  config: Config,
  files: DataDirectory,
  { rules, history }: { readonly rules: WrittenRules; readonly history: MessagePort | undefined },
  handlers: Parameters<typeof startIngest>[1],
): Promise<IngestHandle> {
  const socket = config.sink.socket ?? files.socket;
  const listen: ListenAddress[] = [
    { kind: 'tcp', host: config.sink.host, port: config.sink.port },
    ...(socket === '' ? [] : [{ kind: 'unix' as const, path: socket }]),
  ];
  const { history: _, ...recorder } = config.recorder;
  return startIngest({ listen, recorder, rules, ...(history && { history }) }, handlers).catch((error: unknown) => {
    // The ingest thread says itself what it cannot do, and where.
    throw portTaken(textOf(error), 'sink.port', error);
  });
}

function portTaken(said: string, key: string, cause: unknown): DaemonError {
  return new DaemonError('port-taken', said, `Is another loopd running? Else choose another with ${key}.`, { cause });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
