/** What everything in loopd works on: key, store, audit, rules. */
import { openStoreThread } from '../../storage/thread/client.ts';
import { StorageError } from '../../storage/errors.ts';
import type { LoopStore } from '../../storage/port.ts';
import { EventLog } from '../api/events.ts';
import type { EventsOptions } from '../api/server/event-streams.ts';
import { announcedStore } from './announced-store.ts';
import { loadOrCreateStoreKey } from '../seal/keyfile.ts';
import type { StoreKey } from '../seal/keys.ts';
import { userKey } from '../seal/keys.ts';
import type { RedactionRules } from '../seal/rules.ts';
import type { Schema } from '../wire/protobuf/schema.ts';
import { subjectsBy, type Subjects } from '../captures/subjects.ts';
import type { AuditLog } from '../audit/log-file.ts';
import { openAudit } from './audit.ts';
import { loadOrCreateToken } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { DaemonError } from './error.ts';
import { configuredSchema } from './protobuf.ts';
import { openRules, type RulesInForce } from './rules-file.ts';
import { redactionRules } from './redaction.ts';
import { deleteExpired } from './retention.ts';
import type { LoopdOptions } from './options.ts';
import { textOf } from './port-taken.ts';

const HOUR_MS = 3_600_000;

/** What opening it takes of the options of loopd. */
type HomeOptions = Pick<LoopdOptions, 'config' | 'clock' | 'log' | 'died'>;

/** What the data directory and the configuration give, before anything is recorded. */
export interface Home {
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

/** Rejects with DaemonError `store`. What is opened is deferred to `opened`. */
export async function openHome(
  options: HomeOptions,
  files: DataDirectory,
  opened: AsyncDisposableStack,
): Promise<Home> {
  const redaction = redactionRules(options.config);
  const protobuf = configuredSchema(options.config);
  const rules = await openRules({ path: options.config.rules, log: options.log });
  opened.defer(() => rules.close());
  const key = await loadOrCreateStoreKey(files.keyFile);
  const token = await loadOrCreateToken(files.tokenFile);
  const { clock } = options;
  const log = new EventLog(Math.floor(clock.now()));
  const { store, serviceOf } = announcedStore(await openStore(files, options), log);
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

async function expire(store: LoopStore, { config, clock, log }: HomeOptions): Promise<void> {
  await deleteExpired(store, config.retentionDays, clock).catch((error: unknown) => {
    log.failed(`Old recordings could not be deleted: ${textOf(error)}`, undefined);
  });
}

/** On a thread of its own: the disk may hang, and then loopd is to say so. */
async function openStore(files: DataDirectory, { clock, died }: HomeOptions): Promise<LoopStore> {
  const failed = (error: StorageError): DaemonError =>
    new DaemonError('store', error.message, error.hint, { cause: error });
  return openStoreThread(files.store, { clock, died: (error) => died(failed(error)) }).catch((error: unknown) => {
    throw error instanceof StorageError ? failed(error) : error;
  });
}
