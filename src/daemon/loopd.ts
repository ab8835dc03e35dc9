/** loopd, put together: data directory, key, store, keeper, ingest thread, API. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openLocalStore } from '../../storage/local.ts';
import { StorageError } from '../../storage/errors.ts';
import type { LoopStore } from '../../storage/port.ts';
import { createHandlers } from '../api/handlers.ts';
import { createServer } from '../api/server.ts';
import type { Clock } from '../domain/clock.ts';
import { startIngest } from '../ingest/client.ts';
import type { IngestHandle, IngestStats } from '../ingest/client.ts';
import type { ListenAddress } from '../ingest/transport.ts';
import { loadOrCreateStoreKey } from '../seal/keyfile.ts';
import { KeepBudget } from '../verdict/budget.ts';
import type { Config } from './config.ts';
import { fileAudit, loadOrCreateToken, openDataDirectory } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { DaemonError } from './error.ts';
import type { KeeperLog } from './keeper.ts';
import { Keeper } from './keeper.ts';
import { createMetrics } from './metrics.ts';
import { deleteExpired } from './retention.ts';

const MIB = 1024 * 1024;
const BACKLOG_BYTES = 256 * MIB;
const HOUR_MS = 3_600_000;

export interface LoopdOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: KeeperLog;
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
  /** Keeps what is to be kept, then closes everything. */
  stop(): Promise<void>;
}

/** Rejects with DaemonError: `store`, `port-taken`, `ingest`. What was opened before is closed again. */
export async function startLoopd(options: LoopdOptions): Promise<Loopd> {
  const { config, clock } = options;
  const files = await openDataDirectory(config.data);
  const key = await loadOrCreateStoreKey(files.keyFile);
  const token = await loadOrCreateToken(files.tokenFile);
  const store = await openStore(files, clock);
  const opened: (() => Promise<unknown>)[] = [() => store.close()];
  try {
    const keeper = new Keeper({
      store,
      key,
      budget: new KeepBudget(config.loopsPerHour, clock),
      backlogBytes: BACKLOG_BYTES,
      wait: async (ms) => void (await delay(ms)),
      log: options.log,
    });
    opened.push(() => keeper.stop());
    const expiry = setInterval(() => void expire(store, options), HOUR_MS);
    opened.push(async () => clearInterval(expiry));
    await expire(store, options);
    let latest: IngestStats | undefined;
    let dead: string | undefined;
    const ingest = await openIngest(config, files, {
      onPart: (part) => keeper.take(part),
      onStats: (stats) => (latest = stats),
      onFailure: (error) => {
        dead = error.message;
        options.died(
          new DaemonError(
            'ingest',
            `The ingest thread has died: ${error.message}`,
            'Nothing is recorded any more: restart loopd.',
            { cause: error },
          ),
        );
      },
    });
    opened.push(() => ingest.stop());
    const server = createServer({
      api: createHandlers({
        store,
        key,
        audit: fileAudit(files.auditFile, clock, 'token'),
        createdBy: `loop ${options.version}`,
      }),
      token,
      hosts: config.api.hosts,
      metrics: createMetrics({ ingest: () => latest, keeper: () => keeper.stats() }),
      trouble: () => dead ?? keeper.trouble(),
    });
    const apiUrl = await server.listen({ host: config.api.host, port: config.api.port }).catch((error: unknown) => {
      throw portTaken(error, `${config.api.host}:${config.api.port}`, 'api.port');
    });
    opened.push(() => server.close());
    await writeFile(join(config.data, 'api'), `${apiUrl}\n`, { mode: 0o600 });
    opened.push(() => rm(join(config.data, 'api'), { force: true }));
    return { sinks: ingest.addresses, apiUrl, token, stats: () => latest, stop: once(() => closeAll(opened)) };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function expire(store: LoopStore, { config, clock, log }: LoopdOptions): Promise<void> {
  await deleteExpired(store, config.retentionDays, clock).catch((error: unknown) => {
    log.failed(`Old recordings could not be deleted: ${error instanceof Error ? error.message : String(error)}`, undefined);
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
  handlers: Parameters<typeof startIngest>[1],
): Promise<IngestHandle> {
  const socket = config.sink.socket ?? files.socket;
  const listen: ListenAddress[] = [
    { kind: 'tcp', host: config.sink.host, port: config.sink.port },
    ...(socket === '' ? [] : [{ kind: 'unix' as const, path: socket }]),
  ];
  return startIngest({ listen, recorder: config.recorder }, handlers).catch((error: unknown) => {
    throw portTaken(error, `${config.sink.host}:${config.sink.port} or ${socket}`, 'sink.port');
  });
}

function portTaken(error: unknown, where: string, key: string): DaemonError {
  const said = error instanceof Error ? error.message : String(error);
  return new DaemonError(
    'port-taken',
    `loopd cannot listen on ${where}: ${said}`,
    `Is another loopd running? Else choose another with ${key}.`,
    { cause: error },
  );
}

/** Last opened, first closed: no new parts, then what waits is stored, then the store. */
async function closeAll(opened: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of opened.toReversed()) await close();
}

function once<Value>(run: () => Promise<Value>): () => Promise<Value> {
  let result: Promise<Value> | undefined;
  return () => (result ??= run());
}
