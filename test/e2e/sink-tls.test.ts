// A real sidecar and loopd over TLS, each with a certificate the other asks for, by the configuration that loopctl prints.
import * as http from 'node:http';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { loopctl } from '../support/cli.ts';
import { patient } from '../support/patient.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

async function startFailing(): Promise<number> {
  const server = http.createServer((_request, response) => response.writeHead(500).end('broken'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** loopctl prints ports; a test has any. */
function anyPorts(yaml: string): string {
  return yaml.replaceAll(/port_value: 1500\d/g, 'port_value: 0').replaceAll('0.0.0.0', '127.0.0.1');
}

async function failures(envoy: RunningEnvoy): Promise<number> {
  const stats = await envoy.stats('ext_proc.loop_inbound.(failure_mode_allowed|streams_failed)$');
  return Object.values(stats).reduce((sum, count) => sum + count, 0);
}

test('records over mutual TLS; a sidecar without a certificate only goes unrecorded', async () => {
  const folder = temporaryDirectory();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [server, sidecar] = [await makeCertificate('loopd.test'), await makeCertificate('orders.test')];
  const tls = {
    cert: file('sink.pem', server.certificate),
    key: file('sink.key', server.key),
    clientCa: file('sidecars-ca.pem', sidecar.ca),
  };
  const loopd = await startTestLoopd({ sink: { port: 0, socket: '', tls } });
  onTestFinished(() => loopd.close());
  const [sink] = loopd.loopd.sinks;
  const port = sink?.kind === 'tcp' ? sink.port : 0;
  const app = await startFailing();
  const start = async (own: string): Promise<RunningEnvoy> => {
    const words = [
      '--service',
      'orders',
      '--target',
      'sidecar',
      '--app',
      `127.0.0.1:${app}`,
      '--sink',
      `127.0.0.1:${port}`,
    ];
    const trust = `${file('sink-ca.pem', server.ca)},name=loopd.test${own}`;
    const { stdout } = await loopctl(['envoy', 'config', ...words, '--sink-tls', trust]);
    const envoy = await startEnvoy(patient(anyPorts(stdout)));
    onTestFinished(() => envoy.stop());
    return envoy;
  };

  const known = await start(`,cert=${file('own.pem', sidecar.certificate)},key=${file('own.key', sidecar.key)}`);
  const answer = await fetch(`${await known.listener('inbound')}/orders`);
  expect(answer.status).toBe(500);
  const kept = await until(
    () => allFailures(loopd.api),
    (loops) => loops.length === 1,
  );
  expect(kept[0]).toMatchObject({ outcome: 'failed' });
  expect(await failures(known)).toBe(0);

  const stranger = await start('');
  expect((await fetch(`${await stranger.listener('inbound')}/orders`)).status).toBe(500);
  await until(
    () => failures(stranger),
    (count) => count > 0,
  );
  expect(await allFailures(loopd.api)).toHaveLength(1);
});
