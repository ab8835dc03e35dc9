/** A service that serves a WebSocket and an event stream and fails on them: recorded at its inbound sidecar, kept, shown, and asked again in a sandbox. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { socket } from '../../src/envoy-config/address.ts';
import type { LoopId } from '../../src/domain/ids.ts';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { TESTED_VERSION } from '../../src/envoy-config/version.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { loopctl } from '../support/cli.ts';
import { patient } from '../support/patient.ts';
import { checkedReport } from '../support/project.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures, startTestLoopd } from '../support/test-loopd.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const DIRECTORY = fileURLToPath(new URL('../support/prices', import.meta.url));

let loopd: TestLoopd;
let envoy: RunningEnvoy;
let service: ChildProcessByStdio<null, Readable, null>;
let url: string;

beforeAll(async () => {
  loopd = await startTestLoopd();
  service = spawn(process.execPath, ['server.ts'], {
    cwd: DIRECTORY,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(service.stdout), 'line')) as [string];
  const listen = socket('127.0.0.1', 0);
  envoy = await startEnvoy(
    patient(
      sidecarYaml({
        speaker: { service: 'prices', instance: 'prices-1' },
        sink: loopd.sink,
        envoyVersion: TESTED_VERSION,
        admin: listen,
        inbound: { listen, app: socket('127.0.0.1', Number(line.replace('listening on ', ''))) },
      }),
    ),
  );
  url = await envoy.listener('inbound');
});

afterAll(async () => {
  await envoy.stop();
  service.kill();
  await loopd.close();
});

beforeEach(skipWithoutNamespaces);

/** Asks for each in turn, and waits for the end. */
async function ask(...skus: readonly string[]): Promise<number> {
  const client = new WebSocket(`${url.replace('http', 'ws')}/prices`);
  const left = [...skus];
  client.on('message', () => {
    const sku = left.shift();
    if (sku === undefined) client.close(1000);
    else client.send(JSON.stringify({ sku, password: 'hunter2' }));
  });
  const [code] = (await once(client, 'close')) as [number];
  return code;
}

/** The failure of a path, once it is kept. */
async function failureAt(path: string) {
  const loops = await until(
    () => allFailures(loopd.api),
    (found) => found.some((loop) => loop.path === path),
  );
  const [loop, ...more] = loops.filter((found) => found.path === path);
  if (loop === undefined || more.length > 0) throw new Error(`one failure was expected: ${JSON.stringify(loops)}`);
  return { loop, view: parseLoopView((await loopd.api.show(loop.id)).view) };
}

async function replay(id: LoopId) {
  const file = join(temporaryDirectory(), 'prices.loop');
  writeFileSync(file, await loopd.api.recording(id, { open: true }), { mode: 0o600 });
  const { stdout, stderr, code } = await loopctl(
    ['replay', file, '-o', 'json', '--port', '8080', '--', 'node', 'server.ts'],
    { cwd: DIRECTORY, data: temporaryDirectory() },
  );
  if (stdout === '') throw new Error(stderr);
  return { code, report: checkedReport(stdout) };
}

it('a WebSocket that its server closed with 1011 is kept, shown frame by frame, and closed so again in a replay', async () => {
  expect(await ask('tea')).toBe(1000);
  expect(await ask('tea', 'bad')).toBe(1011);
  const { loop, view } = await failureAt('/prices');
  expect(loop.origin).toMatchObject({ service: 'prices', summary: 'WebSocket closed with 1011' });
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
  const { code, report } = await replay(loop.id);
  expect({ code, outcome: report.outcome, diff: report.diff }).toEqual({ code: 0, outcome: 'reproduced', diff: [] });
});

it('an event stream breaks off again at the same event', async () => {
  const trace = '5'.repeat(32);
  const key = parseTransactionKey(`trace:${trace}`);
  if (key === undefined) throw new Error('not a key');
  const headers = { traceparent: `00-${trace}-${'6'.repeat(16)}-01` };
  const response = await fetch(`${url}/events`, { headers });
  await expect(response.text()).rejects.toThrow('terminated');
  // By default no failure: a stream that is open breaks off with every deployment.
  loopd.loopd.keep(key);
  const { loop, view } = await failureAt('/events');
  expect(view?.exchanges[0]?.response?.body).toMatchObject({
    text: expect.stringContaining('{"price":12}') as unknown,
  });
  const { code, report } = await replay(loop.id);
  expect({ code, outcome: report.outcome, diff: report.diff }).toEqual({ code: 0, outcome: 'reproduced', diff: [] });
});
