// gRPC services in Python and Node: recorded through real Envoys, and replayed with everything else gone.
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import { parseTransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { encodeGrpcFrame } from '../../src/wire/grpc/framing.ts';
import { bentSidecar } from '../support/bent-sidecar.ts';
import { loopctl } from '../support/cli.ts';
import { checkout, ORDERS, ORDERS_IN_NODE, PRICING, startService } from '../support/grpc-services.ts';
import { grpcioPath } from '../support/grpcio.ts';
import { makeProject, replayIn } from '../support/project.ts';
import { quote } from '../support/protobuf.ts';
import type { RecordedCall } from '../support/recording.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { allFailures, decided, startTestLoopd } from '../support/test-loopd.ts';
import { freePort } from '../support/server-process.ts';

const PYTHONPATH = grpcioPath();

/** The files of a service, where they can be run from. */
function place(root: string, name: string, files: Readonly<Record<string, string>>): string {
  const directory = join(root, name);
  mkdirSync(directory);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
  return directory;
}

interface Recorded {
  /** What the client was told, by SKU. */
  readonly told: Readonly<Record<string, readonly [number, string]>>;
  readonly traces: Readonly<Record<string, string>>;
  readonly failures: readonly LoopSummary[];
  /** The loop of the failure, opened. */
  readonly file: string;
}

/** client → [Envoy] orders → [Envoy, by CONNECT] → [Envoy] pricing; everything but the recording is gone afterwards. */
async function record(root: string): Promise<Recorded> {
  await using world = new AsyncDisposableStack();
  const daemon = await startTestLoopd();
  world.defer(() => daemon.close());
  const sidecar = async (service: string, app: number, upstream?: number) => {
    const to = { name: 'pricing', hosts: ['pricing.test'], address: socket('127.0.0.1', upstream ?? 0) };
    const envoy = await startEnvoy(
      bentSidecar(
        {
          speaker: { service, instance: `${service}-1` },
          sink: daemon.sink,
          envoyVersion: { major: 1, minor: 40 },
          admin: socket('127.0.0.1', 0),
          inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
          ...(upstream !== undefined && { outbound: { listen: socket('127.0.0.1', 0), upstreams: [to] } }),
        },
        { patient: true },
      ),
    );
    world.defer(() => envoy.stop());
    return envoy;
  };
  const portOf = (origin: string) => Number(new URL(origin).port);

  const pricing = await startService([process.execPath, join(place(root, 'pricing', PRICING), 'server.mjs')], {});
  world.defer(() => pricing.stop());
  const pricingSidecar = await sidecar('pricing', pricing.port);
  const ordersPort = await freePort();
  const ordersSidecar = await sidecar('orders', ordersPort, portOf(await pricingSidecar.listener('inbound')));
  const orders = await startService(['python3', join(place(root, 'orders', ORDERS), 'server.py')], {
    PYTHONPATH,
    PORT: String(ordersPort),
    http_proxy: await ordersSidecar.listener('outbound'),
  });
  world.defer(() => orders.stop());

  const inbound = await ordersSidecar.listener('inbound');
  const told: Record<string, readonly [number, string]> = {};
  const traces: Record<string, string> = {};
  for (const sku of ['MUG', 'MISSING', 'BROKEN']) {
    traces[sku] = randomBytes(16).toString('hex');
    told[sku] = await checkout(inbound, sku, `00-${traces[sku]}-00000000000000ab-01`);
  }
  await decided(daemon, 3);
  const failures = await allFailures(daemon.api);
  const [failure] = failures;
  if (failure === undefined) throw new Error(`Nothing was kept of ${JSON.stringify(told)}.`);
  const file = join(root, `${failure.id}.loop`);
  writeFileSync(file, await daemon.api.recording(failure.id, { open: true }), { mode: 0o600 });
  return { told, traces, failures, file };
}

describe('a unary call that fails two hops away', () => {
  let root = '';
  let recorded: Recorded;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'loop-grpc-'));
    recorded = await record(root);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('is kept once, with its origin; NOT_FOUND and OK are tossed', () => {
    expect(recorded.told).toMatchObject({
      MUG: [0, expect.any(String)],
      MISSING: [5, 'pricing said: no MISSING'],
      BROKEN: [13, 'pricing said: the price of BROKEN is no number'],
    });
    expect(recorded.failures).toMatchObject([
      {
        transaction: parseTransactionKey(`trace:${recorded.traces['BROKEN']}`),
        outcome: 'failed',
        service: 'orders',
        services: ['orders', 'pricing'],
        exchanges: 3,
        origin: { service: 'pricing', kind: 'status', summary: 'grpc 13 INTERNAL' },
        holes: [],
      },
    ]);
  });

  it.for([
    ['pricing', 'the origin, in Node', PRICING, [], 'the price of BROKEN is no number'],
    [
      'orders',
      'its caller, in Python',
      ORDERS,
      [['grpc', 'pricing.test:50051', '/shop.Pricing/Quote', 'exact']],
      'pricing said: the price of BROKEN is no number',
    ],
  ] as const)('is reproduced at %s, %s', async ([service, , files, calls, message], context) => {
    await skipWithoutNamespaces(context);
    const report = await replayed(recorded.file, service, files);
    expect(report).toMatchObject({
      outcome: 'reproduced',
      diff: [],
      missed: [],
      refused: [],
      recorded: { status: 200, grpc: { status: 13, name: 'INTERNAL', message } },
      replayed: { status: 200, grpc: { status: 13, name: 'INTERNAL', message } },
    });
    expect(report.calls.map(({ protocol, peer, summary, grade }) => [protocol, peer, summary, grade])).toEqual(calls);
  });
});

async function replayed(file: string, service: string, files: Readonly<Record<string, string>>): Promise<ReplayReport> {
  const project = makeProject(files);
  const { stdout, stderr } = await loopctl(['replay', file, '-o', 'json', '--service', service], {
    cwd: project.directory,
    data: project.data,
    env: { PYTHONPATH },
  });
  if (stdout === '') throw new Error(stderr);
  return REPLAY_REPORT.parse(JSON.parse(stdout));
}

const GRPC = { 'content-type': 'application/grpc', te: 'trailers' };
const frame = (sku: string) => encodeGrpcFrame({ compressed: false, bytes: quote({ sku }) });

function call(
  path: string,
  sku: string,
  status: string,
  more: Partial<RecordedCall> = {},
  text = 'kaput',
): RecordedCall {
  const trailers = { 'grpc-status': status, ...(status !== '0' && { 'grpc-message': text }) };
  const body = status === '0' ? { body: frame('priced') } : {};
  return {
    method: 'POST',
    path,
    headers: GRPC,
    protocol: 'HTTP/2',
    body: frame(sku),
    answer: { status: 200, headers: { 'content-type': 'application/grpc' }, trailers, ...body },
    ...more,
  };
}

it('a call whose client left when its deadline had passed is left then again', async (context) => {
  await skipWithoutNamespaces(context);
  const left = { headers: { ...GRPC, 'grpc-timeout': '1500m' }, answer: 'none', lasted: 1501 } as const;
  const at = { authority: 'pricing.test:50051' };
  const { report } = await replayIn(
    makeProject(ORDERS),
    {
      trigger: call('/shop.Orders/Checkout', 'A', '0', left),
      calls: [call('/shop.Pricing/Quote', 'A', '0', { ...left, ...at })],
    },
    [],
    { env: { PYTHONPATH } },
  );
  expect(report).toMatchObject({ outcome: 'reproduced', replayed: { status: null }, refused: [], missed: [] });
  expect(report.calls).toMatchObject([{ protocol: 'grpc', peer: 'pricing.test:50051', grade: 'exact' }]);
});

describe('TLS to a named gRPC host', () => {
  const at = { authority: 'rates.example.test', scheme: 'https' as const };
  const TLS = { PRICING: 'rates.example.test:443', TLS: '1', PYTHONPATH };

  it.for([
    ['Python', ORDERS],
    ['Node', ORDERS_IN_NODE],
  ] as const)('is trusted by %s, unmodified: an answer, and an error passed on', async ([, files], context) => {
    await skipWithoutNamespaces(context);
    const good = {
      trigger: call('/shop.Orders/Checkout', 'A', '0'),
      calls: [call('/shop.Pricing/Quote', 'A', '0', at)],
    };
    const bad = {
      trigger: call('/shop.Orders/Checkout', 'A', '14', {}, 'pricing said: kaput'),
      calls: [call('/shop.Pricing/Quote', 'A', '14', at)],
    };
    for (const recording of [good, bad]) {
      const { report } = await replayIn(makeProject(files), recording, [], { env: TLS });
      expect(report.calls).toMatchObject([{ protocol: 'grpc', peer: 'rates.example.test:443', grade: 'exact' }]);
      expect([report.outcome, report.diff, report.refused]).toEqual(['reproduced', [], []]);
    }
  });

  it('a call nobody recorded is answered UNKNOWN once, and missed', async (context) => {
    await skipWithoutNamespaces(context);
    const { report } = await replayIn(
      makeProject(ORDERS),
      { trigger: call('/shop.Orders/Checkout', 'A', '13'), calls: [call('/shop.Pricing/Other', 'A', '0', at)] },
      [],
      { env: TLS },
    );
    expect(report.replayed.grpc).toMatchObject({ status: 2 });
    expect(report.replayed.grpc?.message).toMatch(/^pricing said: loop replay: no recorded answer\./);
    expect(report.missed).toMatchObject([{ protocol: 'grpc', summary: '/shop.Pricing/Quote' }]);
  });
});
