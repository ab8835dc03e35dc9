import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchText } from './fetch.ts';
import type { ManagedProcess } from './processes.ts';
import type { ServicePlan, ServicePorts, StoreName } from './services.ts';
import type { Supervisor } from './supervisor.ts';

const SHOP = fileURLToPath(new URL('..', import.meta.url));

export interface ApplicationOptions {
  readonly supervisor: Supervisor;
  readonly directory: string;
  /** Of the starting process; only what a program needs to run is passed on, no proxies and no debugger flags. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starts the program of a service behind its sidecar; resolves once it answers /healthz. */
export async function startApplication(
  options: ApplicationOptions,
  service: ServicePlan,
  ports: ServicePorts,
): Promise<ManagedProcess> {
  const { name, runtime } = service;
  const [command, args, directory] =
    runtime === 'node'
      ? [process.execPath, ['server.js'], join(SHOP, name)]
      : ['python3', ['-m', `${name}.server`], SHOP];
  const application = await options.supervisor.start({
    name,
    command,
    args,
    directory,
    env: environment(options, service, ports),
    logFile: join(options.directory, `${name}.log`),
  });
  await application.ready(() => fetchText(`http://127.0.0.1:${String(ports.app)}/healthz`));
  return application;
}

export function ledgerFile(directory: string, name: string): string {
  return join(directory, `${name}.ledger.jsonl`);
}

function environment(
  { env, directory }: ApplicationOptions,
  { name, stores }: ServicePlan,
  ports: ServicePorts,
): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'TMPDIR'].flatMap((key) => (env[key] === undefined ? [] : [[key, env[key]]]));
  const proxy = `http://127.0.0.1:${String(ports.outbound)}`;
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    PORT: String(ports.app),
    LEDGER: ledgerFile(directory, name),
    HTTP_PROXY: proxy,
    http_proxy: proxy,
    NODE_USE_ENV_PROXY: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...Object.fromEntries(stores.map((store) => urlOf(store, ports.stores[store]))),
  };
}

/** How a service is told where a store is. */
function urlOf(store: StoreName, port: number): readonly [string, string] {
  const at = `127.0.0.1:${String(port)}`;
  return store === 'postgres' ? ['DATABASE_URL', `postgres://shop:shop@${at}/shop`] : ['REDIS_URL', `redis://${at}`];
}
