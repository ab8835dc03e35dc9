/** The API of a loopd, served. */
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createHandlers } from '../api/handlers.ts';
import type { ApiFor } from '../api/port.ts';
import { serveAccess } from '../api/server/access.ts';
import { serveButton, type ServedButton } from '../api/server/button.ts';
import { createServer, type Readiness } from '../api/server/server.ts';
import { withVitals } from '../api/vitals.ts';
import { consoleDirectory } from './console-directory.ts';
import { startVitals } from './start-vitals.ts';
import { serveTools } from './tools.ts';
import type { IngestStats } from '../ingest/client.ts';
import type { GroupHandle } from '../ingest/group.ts';
import { longestReach } from '../ingest/group-stats.ts';
import { buttonKey } from '../seal/keys.ts';
import type { DataDirectory } from './data-directory.ts';
import { openAccess } from './access.ts';
import { answeringStore } from './answering-store.ts';
import type { LoopdHistory } from './history.ts';
import type { Keeper } from './keeper.ts';
import { createMetrics } from './metrics.ts';
import type { VerdictLag } from './metrics/verdict-lag.ts';
import { type Heartbeat, readinessOf } from './readiness.ts';
import { StoreProbe } from './store-probe.ts';
import { recordedUsers } from './users.ts';
import type { LoopdCaptures } from './captures.ts';
import type { Outage } from './outage.ts';
import { supportTools } from './support.ts';
import type { Tokens } from '../access/tokens.ts';
import type { Home } from './home.ts';
import type { LoopdOptions } from './options.ts';
import { portTaken, textOf } from './port-taken.ts';

export interface Recording {
  readonly handle: GroupHandle;
  /** The latest numbers of the ingest thread. */
  stats(): IngestStats | undefined;
  /** Those of each. */
  workers(): readonly IngestStats[];
  /** One sentence about what is recorded worse than it could be. */
  warning(): string | undefined;
  /** Why nothing is recorded any more. */
  trouble(): string | undefined;
}

interface Served extends LoopdOptions, Home {
  readonly files: DataDirectory;
  readonly keeper: Keeper;
  readonly ingest: Recording;
  readonly history: LoopdHistory;
  readonly captures: LoopdCaptures;
  readonly outage: Outage;
  readonly heartbeat: Heartbeat;
  readonly lag: VerdictLag;
}

function usersIn({ subjects, clock, keeper, outage, ingest, history }: Served): ReturnType<typeof recordedUsers> {
  const reach = () => ({
    memory: longestReach(ingest.workers()),
    history: history.stats()?.seconds,
  });
  return recordedUsers({ subjects, clock, keeper, outage, reach });
}

function handlersOf(served: Served, tokens: Tokens): ApiFor {
  const { store, key, audit, redaction, rules, protobuf, captures, config, version } = served;
  return createHandlers({
    store: answeringStore(store, (ms) => delay(ms, undefined, { ref: false })),
    key,
    audit,
    redaction,
    rules: () => rules.set,
    protobuf,
    originals: config.originals,
    captures: captures.desk,
    told: audit,
    users: usersIn(served),
    tokens,
    createdBy: `loop ${version}`,
  });
}

/** Leaves its address in the file `api`, where loopctl finds it. */
export async function serveApi(served: Served, opened: AsyncDisposableStack): Promise<string> {
  const { audit, rules, keeper, ingest, history, files, version } = served;
  const { host, port, hosts, url: known } = served.config.api;
  const listening = (): string => server.listeningOrigin;
  const identities = await openAccess({ ...served, listening });
  const apiFor = handlersOf(served, identities.access.tokens);
  const warning = (): string | undefined => rules.warning() ?? ingest.warning() ?? keeper.slowness();
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
      workers: () => ingest.workers(),
      keeper: () => keeper.stats(),
      history: () => history.stats(),
      rules: () => rules,
      usage: () => vitals.usage,
      lag: served.lag,
    }),
    readiness: readinessFor(served),
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

function readinessFor({ clock, files, keeper, ingest, history, heartbeat }: Served): () => Promise<Readiness> {
  const wait = (ms: number): Promise<void> => delay(ms, undefined, { ref: false });
  const probe = new StoreProbe({ directory: files.store, clock, wait });
  return () =>
    readinessOf(heartbeat, {
      isDead: () => ingest.trouble() !== undefined,
      keeperTrouble: () => keeper.trouble() ?? keeper.slowness(),
      historyTrouble: () => history.trouble(),
      store: () => probe.state(),
    });
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
