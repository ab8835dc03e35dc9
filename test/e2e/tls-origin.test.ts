// TLS to a named host. Where the sidecar makes it, the recording holds what was said, and replays by name. Where the application makes it, the recording says that it does not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import type { HttpUpstream, TcpUpstream } from '../../src/envoy-config/options.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { loopctl } from '../support/cli.ts';
import { checkout, ORDERS, startService } from '../support/grpc-services.ts';
import { freePort } from '../support/server-process.ts';
import { grpcioPath } from '../support/grpcio.ts';
import { patient } from '../support/patient.ts';
import { checkedReport, makeProject } from '../support/project.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import type { TlsHost } from '../support/tls-host.ts';
import { startTlsHost } from '../support/tls-host.ts';
import { until } from '../support/until.ts';

const HOST = 'rates.example.test';
const PYTHONPATH = grpcioPath();

/** Everything around one service called orders. */
class World implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'loop-tls-'));
  readonly opened = new AsyncDisposableStack();
  readonly daemon: TestLoopd;
  readonly host: TlsHost;

  private constructor(daemon: TestLoopd, host: TlsHost) {
    this.daemon = daemon;
    this.host = host;
    writeFileSync(this.ca, host.ca);
    this.opened.defer(() => daemon.close());
    this.opened.defer(() => host.close());
  }

  static async start(certified = HOST): Promise<World> {
    return new World(await startTestLoopd(), await startTlsHost(certified));
  }

  get ca(): string {
    return join(this.directory, 'ca.pem');
  }

  /** Plain from the application, TLS from the sidecar on. */
  upstream(): HttpUpstream {
    return { name: 'rates', hosts: [HOST], address: socket('127.0.0.1', this.host.port), tls: { ca: this.ca } };
  }

  async sidecar(
    app: number,
    outbound: readonly HttpUpstream[],
    tcp: readonly TcpUpstream[] = [],
  ): Promise<RunningEnvoy> {
    const envoy = await startEnvoy(
      patient(
        sidecarYaml({
          speaker: { service: 'orders', instance: 'orders-1' },
          sink: this.daemon.sink,
          envoyVersion: { major: 1, minor: 40 },
          admin: socket('127.0.0.1', 0),
          inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
          outbound: { listen: socket('127.0.0.1', 0), upstreams: outbound },
          tcp,
        }),
      ),
    );
    this.opened.defer(() => envoy.stop());
    return envoy;
  }

  async run(command: readonly [string, string], env: Readonly<Record<string, string>>): Promise<number> {
    const service = await startService(command, env);
    this.opened.defer(() => service.stop());
    return service.port;
  }

  /** The failure, and it in a file. */
  async failure(): Promise<{ readonly summary: LoopSummary; readonly file: string }> {
    const [summary] = await until(
      () => allFailures(this.daemon.api),
      (loops) => loops.length > 0,
      30_000,
    );
    if (summary === undefined) throw new Error('Nothing was kept.');
    const file = join(temporaryDirectory(), 'tls.loop');
    writeFileSync(file, await this.daemon.api.recording(summary.id, { open: true }), { mode: 0o600 });
    return { summary, file };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened.disposeAsync();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function replay(
  file: string,
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
) {
  const project = makeProject(files);
  const { stdout, stderr } = await loopctl(['replay', file, '-o', 'json'], {
    cwd: project.directory,
    data: project.data,
    env: { PYTHONPATH, ...env },
  });
  if (stdout === '') throw new Error(stderr);
  return { report: checkedReport(stdout), stderr };
}

/** Asks RATES for the rate; one that is no number is its failure. Says its port, where any will do. */
const CONVERTER = {
  'loop.yaml': 'version: 1\nservices:\n  orders: { command: [node, server.mjs], port: 8080, ready: /healthz }\n',
  'server.mjs': `
import http from 'node:http';
import https from 'node:https';

const rates = process.env.RATES ?? 'http://rates.example.test';
const ask = () => new Promise((resolve, reject) => {
  const options = { headers: { traceparent: '00-${'c'.repeat(32)}-${'d'.repeat(16)}-01' }, ...JSON.parse(process.env.DIAL ?? '{}') };
  (rates.startsWith('https') ? https : http).get(rates + '/v1/rate', options, (got) => {
    let said = '';
    got.on('data', (chunk) => (said += chunk)).on('end', () => resolve([got.statusCode, said]));
  }).on('error', reject);
});
http.createServer(async (request, response) => {
  const answer = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/healthz') return answer(200, {});
  try {
    const [status, said] = await ask();
    const { rate } = status === 200 ? JSON.parse(said) : {};
    answer(rate === 'NaN' ? 500 : 502, { rate });
  } catch (error) {
    answer(503, { error: error.code });
  }
}).listen(Number(process.env.PORT), '127.0.0.1', function () { console.log(this.address().port); });
`,
};

const TRACE = { headers: { traceparent: `00-${'c'.repeat(32)}-${'b'.repeat(16)}-01` } };

function written(world: World, files: Readonly<Record<string, string>>, name: string): string {
  for (const [file, text] of Object.entries(files)) writeFileSync(join(world.directory, file), text);
  return join(world.directory, name);
}

/** Runs the converter behind a sidecar that speaks TLS for it, and has it fail once. */
async function convert(world: World, rates: string) {
  const port = await freePort();
  const envoy = await world.sidecar(port, [world.upstream()]);
  await world.run([process.execPath, written(world, CONVERTER, 'server.mjs')], {
    PORT: String(port),
    RATES: rates,
    NODE_USE_ENV_PROXY: '1',
    http_proxy: await envoy.listener('outbound'),
  });
  const told = await fetch(new URL('/convert', await envoy.listener('inbound')), TRACE);
  const body = await told.text();
  return { status: told.status, body, ...(await world.failure()) };
}

it('plain HTTP that the sidecar makes TLS of is recorded as it was said, and replays by name', async (context) => {
  await skipWithoutNamespaces(context);
  await using world = await World.start();
  const { status, body, summary, file } = await convert(world, `http://${HOST}`);
  expect([status, body]).toEqual([500, '{"rate":"NaN"}']);
  expect(world.host.asked).toEqual([`${HOST} http/1.1 GET /v1/rate`]);
  expect(summary).toMatchObject({ exchanges: 2, holes: [], origin: { service: 'orders' } });
  const { report } = await replay(file, CONVERTER);
  expect(report).toMatchObject({ outcome: 'reproduced', diff: [], missed: [], refused: [], holes: [] });
  expect(report.calls).toMatchObject([{ peer: `${HOST}:80`, grade: 'exact', summary: 'GET /v1/rate' }]);
});

it('the same at the port of TLS: in the sandbox the service may speak TLS itself, or plain', async (context) => {
  await skipWithoutNamespaces(context);
  await using world = await World.start();
  const { status, file } = await convert(world, `http://${HOST}:443`);
  expect(status).toBe(500);
  for (const RATES of [`https://${HOST}`, `http://${HOST}:443`]) {
    const { report } = await replay(file, CONVERTER, { RATES });
    expect([report.outcome, report.diff, report.refused]).toEqual(['reproduced', [], []]);
    expect(report.calls).toMatchObject([{ peer: `${HOST}:443`, grade: 'exact' }]);
  }
});

it('a host that shows another name’s certificate is not spoken to: the failure is the sidecar’s, and told', async () => {
  await using world = await World.start('other.example.test');
  const { status, summary } = await convert(world, `http://${HOST}`);
  expect(status).toBe(502);
  expect(world.host.asked).toEqual([]);
  expect(summary.origin).toMatchObject({ service: 'orders', kind: 'unavailable' });
  expect(summary.origin?.summary).toBe('503 UF (TLS: certificate verify failed)');
});

it('gRPC that the sidecar makes TLS of replays in Python, unmodified', async (context) => {
  await skipWithoutNamespaces(context);
  await using world = await World.start();
  const port = await freePort();
  const envoy = await world.sidecar(port, [world.upstream()]);
  const PRICING = `${HOST}:443`;
  await world.run(['python3', written(world, ORDERS, 'server.py')], {
    PYTHONPATH,
    PRICING,
    PORT: String(port),
    http_proxy: await envoy.listener('outbound'),
  });
  const told = await checkout(await envoy.listener('inbound'), 'MUG', `00-${'c'.repeat(32)}-${'b'.repeat(16)}-01`);
  expect(told).toEqual([13, 'pricing said: the rate is no number']);
  expect(world.host.asked).toEqual([`${HOST} h2 POST /shop.Pricing/Quote`]);
  const { summary, file } = await world.failure();
  expect(summary).toMatchObject({ exchanges: 2, holes: [] });
  for (const TLS of ['', '1']) {
    const { report } = await replay(file, ORDERS, { PRICING, TLS });
    expect([report.outcome, report.diff, report.refused]).toEqual(['reproduced', [], []]);
    expect(report.calls).toMatchObject([{ protocol: 'grpc', peer: PRICING, grade: 'exact' }]);
  }
});

it('TLS that the application makes itself is a hole, named in the recording and before the replay', async (context) => {
  await skipWithoutNamespaces(context);
  await using world = await World.start();
  const [app, listen] = [await freePort(), await freePort()];
  const address = socket('127.0.0.1', world.host.port);
  const envoy = await world.sidecar(
    app,
    [],
    [{ name: 'rates', peer: `${HOST}:443`, protocol: 'tcp', address, listen: socket('127.0.0.1', listen) }],
  );
  await world.run([process.execPath, written(world, CONVERTER, 'server.mjs')], {
    PORT: String(app),
    RATES: `https://${HOST}`,
    DIAL: JSON.stringify({ hostname: '127.0.0.1', port: listen, servername: HOST }),
    NODE_EXTRA_CA_CERTS: world.ca,
  });
  const told = await fetch(new URL('/convert', await envoy.listener('inbound')), TRACE);
  expect(told.status).toBe(500);
  expect(world.host.asked).toEqual([`${HOST} http/1.1 GET /v1/rate`]);
  const { summary, file } = await world.failure();
  const { transaction } = await openLoop(world.daemon.api, summary.id);
  expect(transaction.conversations).toMatchObject([{ protocol: 'tcp', peer: { name: HOST, port: 443 } }]);
  const hole = `${HOST}: TLS that orders speaks itself: nothing in it can be read, or answered in a replay`;
  expect(summary.holes).toEqual([hole]);
  const { report, stderr } = await replay(file, CONVERTER, { RATES: `https://${HOST}` });
  expect(report.holes).toEqual([hole]);
  expect(stderr).toContain(`the recording is not whole: ${hole}\n`);
  expect(report).toMatchObject({ outcome: 'differs', refused: [{ kind: 'dns', target: HOST }] });
});
