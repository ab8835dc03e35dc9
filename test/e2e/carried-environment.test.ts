/** What the sidecar is told to tell of its service's variables is in the recording, from a real Envoy. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { patient } from '../support/patient.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

it('chosen variables of the sidecar come with each request, and are shown to nobody', async () => {
  Object.assign(process.env, { FEATURE_X: 'on; 50% für alle', REGION: '' });
  await using opened = new AsyncDisposableStack();
  const daemon = opened.adopt(await startTestLoopd(), (one) => one.close());
  const service = createServer((_request, response) => response.writeHead(500).end('{}'));
  await once(service.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void service.close());
  const { port } = service.address() as AddressInfo;
  const yaml = sidecarYaml({
    speaker: {
      service: 'orders',
      instance: 'orders-1',
      version: '1.4.0',
      environment: ['FEATURE_X', 'REGION', 'NEVER_SET'],
    },
    sink: daemon.sink,
    envoyVersion: { major: 1, minor: 40 },
    admin: socket('127.0.0.1', 0),
    inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', port) },
  });
  const envoy = opened.adopt(await startEnvoy(patient(yaml)), (one) => one.stop());
  expect((await fetch(await envoy.listener('inbound'))).status).toBe(500);
  const [summary] = await until(
    () => allFailures(daemon.api),
    (loops) => loops.length > 0,
    30_000,
  );
  if (summary === undefined) throw new Error('Nothing was kept.');
  const { transaction } = await openLoop(daemon.api, summary.id);
  expect(transaction.exchanges.map(({ vantage }) => [vantage.version, vantage.environment])).toEqual([
    ['1.4.0', { FEATURE_X: 'on; 50% für alle', REGION: '' }],
  ]);
  expect(JSON.stringify(await daemon.api.show(summary.id))).not.toContain('FEATURE_X');
});
