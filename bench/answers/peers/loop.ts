/** Ours: recorded by a real Envoy and loopd, replayed by `loopctl replay`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { ReplayReport } from '../../../replay-sandbox/report/report.ts';
import { REPLAY_REPORT } from '../../../replay-sandbox/report/report.ts';
import { socket } from '../../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../../src/envoy-config/version.ts';
import { patient } from '../../../test/support/patient.ts';
import { startEnvoy } from '../../../test/support/running-envoy.ts';
import type { TestLoopd } from '../../../test/support/test-loopd.ts';
import { allFailures, startTestLoopd } from '../../../test/support/test-loopd.ts';
import { until } from '../../../test/support/until.ts';
import type { Told } from '../scenario.ts';
import type { Throughput } from '../throughput.ts';
import { startUpstream } from '../upstream.ts';
import type { Measured, Peer, Place } from './peer.ts';
import { CLIENT, during, startProgram } from './peer.ts';
import { freePort } from '../../../test/support/server-process.ts';

const LOOPCTL = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url));
const PACKAGE = new URL('../../../package.json', import.meta.url);
const NAME = 'upstream.answers';
const SERVICE = 'client';

export const loop: Peer = {
  name: 'Loop',
  async measure(place): Promise<Measured> {
    const daemon = await startTestLoopd();
    try {
      const { recorded, target } = await record(place, daemon);
      const [kept] = await until(
        async () => await allFailures(daemon.api),
        (loops) => loops.length > 0,
      );
      if (kept === undefined) throw new Error('nothing was kept');
      const { report, throughput } = await replay(place, daemon, kept.id, target);
      const again = JSON.parse(report.replayed.body ?? '[]') as readonly Told[];
      const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
      return { version, recorded, again, ...explanations(report, again), ...(throughput && { throughput }) };
    } finally {
      await daemon.close();
    }
  },
};

/** Through the sidecar, to the upstream that it knows under a name. */
async function record(place: Place, daemon: TestLoopd): Promise<{ recorded: readonly Told[]; target: string }> {
  const upstream = await startUpstream();
  const appPort = await freePort();
  const listen = socket('127.0.0.1', 0);
  const envoy = await startEnvoy(
    patient(
      sidecarYaml({
        speaker: { service: SERVICE, instance: `${SERVICE}-1`, version: '1.0.0' },
        sink: daemon.sink,
        envoyVersion: TESTED_VERSION,
        admin: listen,
        inbound: { listen, app: socket('127.0.0.1', appPort) },
        outbound: {
          listen,
          upstreams: [
            { name: 'upstream', hosts: [NAME], address: socket('127.0.0.1', upstream.port), timeoutSeconds: 30 },
          ],
        },
      }),
    ),
  );
  try {
    const port = new URL(await envoy.listener('outbound')).port;
    const target = `http://${NAME}:${port}`;
    const env = { PORT: String(appPort), TARGET: target, THROUGH: `http://127.0.0.1:${port}`, TURN: 'record' };
    const client = startProgram(place, [process.execPath, CLIENT], env);
    const recorded = await during(client, `http://127.0.0.1:${appPort}/`, async () => {
      const response = await fetch(`${await envoy.listener('inbound')}/`, { method: 'POST' });
      return (await response.json()) as readonly Told[];
    });
    return { recorded, target };
  } finally {
    await envoy.stop();
    await upstream.stop();
  }
}

interface Replayed {
  readonly report: ReplayReport;
  readonly throughput?: Throughput;
}

async function replay({ directory }: Place, daemon: TestLoopd, id: string, target: string): Promise<Replayed> {
  const project = join(directory, 'project');
  mkdirSync(project, { recursive: true });
  const env = { TARGET: target, TURN: 'again', MEASURED: `${target}/prices/1` };
  writeFileSync(
    join(project, 'loop.yaml'),
    stringify({ version: 1, services: { [SERVICE]: { port: 8080, ready: '/', env } } }),
  );
  const words = ['replay', id, '-o', 'json', '--', process.execPath, CLIENT];
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', LOOPCTL, ...words];
  const program = startProgram({ directory: project }, command, { LOOP_DATA: daemon.data });
  const { stdout, stderr } = await program.ended;
  if (stdout === '') throw new Error(`loopctl replay: ${stderr}`);
  writeFileSync(join(directory, 'report.json'), stdout);
  const report = REPLAY_REPORT.parse(JSON.parse(stdout));
  const [, measured] = /THROUGHPUT (\{.*\})/.exec(stderr) ?? [];
  return { report, ...(measured !== undefined && { throughput: JSON.parse(measured) as Throughput }) };
}

/** Calls are told in the order of their answers; what was explained is found by the question's text. */
function explanations(report: ReplayReport, again: readonly Told[]): Pick<Measured, 'explained' | 'said'> {
  const keysOf = (...grades: readonly string[]): ReadonlySet<string> => {
    const texts = report.calls.filter(
      ({ grade, explanation = [] }) => grades.includes(grade) && explanation.length > 0,
    );
    return new Set(again.filter(({ asked }) => texts.some(({ summary }) => summary === asked)).map(({ key }) => key));
  };
  return { explained: keysOf('missed'), said: keysOf('drifted', 'borrowed') };
}
