/** A service that serves a WebSocket and fails on it: recorded at its inbound sidecar, kept, shown, and asked again. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { compareAnswers } from '../../replay-sandbox/compare/compare.ts';
import { sendTrigger } from '../../replay-sandbox/launch/trigger.ts';
import { planReplay } from '../../replay-sandbox/plan/plan.ts';
import { bodyOf } from '../../src/domain/exchange.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { patient } from '../support/patient.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

let loopd: TestLoopd;
let envoy: RunningEnvoy;
let service: Server;
let url: string;

/** Prices by name; one of them is more than it can bear. */
function startService(): Server {
  const http = createServer((_request, response) => response.end('ok'));
  new WebSocketServer({ server: http, perMessageDeflate: { threshold: 0 } }).on('connection', (client) => {
    client.send('{"hello":"world"}');
    client.on('message', (data: Buffer) => {
      const { sku } = JSON.parse(data.toString()) as { sku: string };
      if (sku === 'bad') client.close(1011, 'no price');
      else client.send(JSON.stringify({ sku, price: 12 }));
    });
  });
  return http.listen(0, '127.0.0.1');
}

beforeAll(async () => {
  loopd = await startTestLoopd();
  service = startService();
  await once(service, 'listening');
  const listen = socket('127.0.0.1', 0);
  envoy = await startEnvoy(
    patient(
      sidecarYaml({
        speaker: { service: 'prices', instance: 'prices-1' },
        sink: loopd.sink,
        envoyVersion: TESTED_VERSION,
        admin: listen,
        inbound: { listen, app: socket('127.0.0.1', (service.address() as AddressInfo).port) },
      }),
    ),
  );
  url = (await envoy.listener('inbound')).replace('http', 'ws');
});

afterAll(async () => {
  await envoy.stop();
  service.closeAllConnections();
  service.close();
  await loopd.close();
});

/** Asks for each in turn, and waits for the end. */
async function ask(...skus: readonly string[]): Promise<number> {
  const client = new WebSocket(`${url}/prices`);
  const left = [...skus];
  client.on('message', () => {
    const sku = left.shift();
    if (sku === undefined) client.close(1000);
    else client.send(JSON.stringify({ sku, password: 'hunter2' }));
  });
  const [code] = (await once(client, 'close')) as [number];
  return code;
}

it('is kept when the server closed it with 1011, shown frame by frame, and fails again when it is asked again', async () => {
  expect(await ask('tea')).toBe(1000);
  expect(await ask('tea', 'bad')).toBe(1011);
  const [loop, ...more] = await until(
    () => allFailures(loopd.api),
    (loops) => loops.length > 0,
  );
  if (loop === undefined) throw new Error('nothing was kept');
  expect(more).toEqual([]);
  expect(loop.origin).toMatchObject({ service: 'prices', summary: 'WebSocket closed with 1011' });

  const view = parseLoopView((await loopd.api.show(loop.id)).view);
  const [exchange] = view?.exchanges ?? [];
  expect(exchange?.request?.body).toMatchObject({
    kind: 'text',
    text: expect.stringMatching(/^\{"sku":"tea","password":"REDACTED/) as unknown,
  });
  expect(exchange?.response?.body).toMatchObject({
    kind: 'text',
    text: '{"hello":"world"}\n{"sku":"tea","price":12}\nclose 1011 no price',
  });
  expect(JSON.stringify(view)).not.toContain('hunter2');

  const recording = await openLoop(loopd.api, loop.id);
  const { trigger } = planReplay(recording, {});
  const { port } = service.address() as AddressInfo;
  const answer = await sendTrigger(trigger, {
    connect: async () => await Promise.resolve(connect(port, '127.0.0.1')),
    signal: AbortSignal.timeout(20_000),
    clock: { now: () => Date.now() },
  });
  const { response } = trigger;
  if (response === undefined) throw new Error('no answer was recorded');
  const recorded = { status: 101, headers: response.headers, body: bodyOf(response) };
  expect(compareAnswers(recorded, answer, { recordedAt: trigger.startedAt, now: Date.now() })).toEqual([]);
});
