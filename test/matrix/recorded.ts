/** First half of a row: the app's workload against the real server, through a real Envoy, into a loopd. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LoopApi } from '../../src/api/port.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';
import { patient } from '../support/patient.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';

import { openLoop } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';
import type { App } from './manifest.ts';
import { TARGET, withNames } from './place.ts';
import { start } from './processes.ts';
import type { Program } from './processes.ts';
import type { Logged, MatrixServer, ServerKind } from './servers/server.ts';
import type { Prepared } from './toolchains/toolchain.ts';
import { freePort } from '../support/server-process.ts';

/** Of the service in the recording. */
export const SERVICE = 'app';
const READY_MS = 30_000;
const RUN_MS = 60_000;

export interface Recorded {
  readonly id: LoopId;
  /** In the server's words. */
  readonly statements: readonly Logged[];
  /** Summaries of recorded commands, by their ids. */
  readonly commands: ReadonlyMap<string, string>;
  /** Of TARGET, in the recording. */
  readonly port: number;
  /** The app's answer. */
  readonly answer: string;
}

export interface RowPlace {
  readonly app: App;
  readonly prepared: Prepared;
  readonly kind: ServerKind;
  readonly daemon: TestLoopd;
  /** Of this row alone. */
  readonly directory: string;
}

/** Everything it starts but loopd is gone when it resolves. */
export async function record(place: RowPlace, server: MatrixServer): Promise<Recorded> {
  const appPort = await freePort();
  const envoy = await startEnvoy(sidecar(place, server, appPort));
  try {
    const port = Number(new URL(await envoy.listener(place.kind.transport === 'tcp' ? 'target' : 'outbound')).port);
    const program = start(withNames(place.prepared.command, place.directory), {
      cwd: place.directory,
      env: recordedEnvironment(place, server, appPort, port),
      within: READY_MS + RUN_MS,
    });
    try {
      const answer = await drive(program, envoy, appPort);
      const statements = await server.statements();
      return { ...(await kept(place.daemon.api)), statements, port, answer };
    } finally {
      await program.stop();
    }
  } finally {
    await envoy.stop();
  }
}

async function kept(api: LoopApi): Promise<Pick<Recorded, 'id' | 'commands'>> {
  const [loop] = await until(
    async () => (await api.list({ purpose: 'failure', limit: 1 })).loops,
    (loops) => loops.length > 0,
  );
  if (loop === undefined) throw new Error('nothing was kept');
  const { transaction } = await openLoop(api, loop.id);
  return { id: loop.id, commands: new Map(transaction.commands.map(({ command }) => [command.id, command.summary])) };
}

function sidecar({ app, kind, daemon }: RowPlace, server: MatrixServer, appPort: number): string {
  const target = socket('127.0.0.1', server.port);
  const listen = socket('127.0.0.1', 0);
  const tcp = { name: 'target', listen, peer: `${TARGET}:${kind.usualPort}`, protocol: app.protocol, address: target };
  const upstream = { name: 'target', hosts: [TARGET], address: target, timeoutSeconds: RUN_MS / 1000 };
  return patient(
    sidecarYaml({
      speaker: { service: SERVICE, instance: `${SERVICE}-1`, version: '1.0.0' },
      sink: daemon.sink,
      envoyVersion: TESTED_VERSION,
      admin: socket('127.0.0.1', 0),
      inbound: { listen, app: socket('127.0.0.1', appPort) },
      ...(kind.transport === 'tcp' ? { tcp: [tcp] } : { outbound: { listen, upstreams: [upstream] } }),
    }),
  );
}

function recordedEnvironment(place: RowPlace, server: MatrixServer, appPort: number, port: number) {
  const home = join(place.directory, 'home');
  mkdirSync(home, { recursive: true });
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    ...place.prepared.env,
    ...server.env,
    PORT: String(appPort),
    TARGET_HOST: TARGET,
    TARGET_PORT: String(port),
    POOL: '4',
  };
}

/** Resolves with what the app answered to POST /run; an error says what the app said. */
async function drive(program: Program, envoy: RunningEnvoy, appPort: number): Promise<string> {
  const gone = program.ended.then(() => Promise.reject(new Error('the app ended')));
  const work = async (): Promise<string> => {
    await until(() => isReady(appPort), Boolean, READY_MS);
    const response = await fetch(`${await envoy.listener('inbound')}/run`, {
      method: 'POST',
      headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
      signal: AbortSignal.timeout(RUN_MS),
    });
    const text = await response.text();
    if (response.status !== 500) throw new Error(`POST /run answered ${response.status}: ${text.slice(0, 500)}`);
    return text;
  };
  try {
    return await Promise.race([work(), gone]);
  } catch (cause) {
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}; its last words: ${program.said()}`, {
      cause,
    });
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
