// gRPC whose messages are compressed one by one, by a client in Node and services in Python, through a real Envoy: captured as sent, shown unpacked, replayed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { bodyOf, header } from '../../src/domain/exchange.ts';
import { socket } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { loopctl } from '../support/cli.ts';
import { startService } from '../support/grpc-services.ts';
import { grpcioPath } from '../support/grpcio.ts';
import { patient } from '../support/patient.ts';
import { checkedReport, makeProject } from '../support/project.ts';
import { quote } from '../support/protobuf.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { allFailures, openLoop, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';
import { freePort } from '../support/server-process.ts';

const PYTHONPATH = grpcioPath();

/** Streams what pricing answers on, and then fails. Small messages are not worth compressing. */
const ORDERS = {
  'loop.yaml': 'version: 1\nservices:\n  orders: { command: [python3, server.py], port: 8080 }\n',
  'server.py': `
import os
from concurrent import futures
import grpc

channel = grpc.insecure_channel("pricing.test:50051", compression=grpc.Compression.Gzip)
quote = channel.unary_unary("/shop.Pricing/Quote")

def checkout(request, context):
    trace = [(name, value) for name, value in context.invocation_metadata() if name == "traceparent"]
    yield quote(request, metadata=trace, timeout=20)
    context.abort(grpc.StatusCode.INTERNAL, "the price is no number")

server = grpc.server(futures.ThreadPoolExecutor(4), compression=grpc.Compression.Gzip)
checkout = grpc.unary_stream_rpc_method_handler(checkout)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.Orders", {"Checkout": checkout}),))
port = server.add_insecure_port("127.0.0.1:" + os.environ["PORT"])
server.start()
print(port, flush=True)
server.wait_for_termination()
`,
};

/** Servers of grpc-js do not compress. */
const PRICING = `
import os
from concurrent import futures
import grpc

server = grpc.server(futures.ThreadPoolExecutor(4), compression=grpc.Compression.Gzip)
quote = grpc.unary_unary_rpc_method_handler(lambda request, context: request)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.Pricing", {"Quote": quote}),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
server.wait_for_termination()
`;

const SKU = 'MUG '.repeat(500).trim();

/** Messages and status of one call. */
async function checkout(origin: string): Promise<readonly [number, number]> {
  const client = new grpc.Client(new URL(origin).host, grpc.credentials.createInsecure(), {
    'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
  });
  const metadata = new grpc.Metadata();
  metadata.set('traceparent', `00-${'e'.repeat(32)}-00000000000000ab-01`);
  const same = (bytes: Buffer): Buffer => bytes;
  try {
    return await new Promise((resolve) => {
      let messages = 0;
      const call = client.makeServerStreamRequest(
        '/shop.Orders/Checkout',
        same,
        same,
        Buffer.from(quote({ sku: SKU })),
        metadata,
      );
      call.on('data', () => (messages += 1));
      call.on('error', () => undefined);
      call.on('status', ({ code }) => resolve([messages, code]));
    });
  } finally {
    client.close();
  }
}

it('compressed messages are captured as sent, shown unpacked, and replayed', async (context) => {
  await using world = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), 'loop-compressed-'));
  world.defer(() => rmSync(directory, { recursive: true, force: true }));
  const place = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  const daemon = await startTestLoopd();
  world.defer(() => daemon.close());
  const pricing = await startService(['python3', place('pricing.py', PRICING)], { PYTHONPATH });
  world.defer(() => pricing.stop());
  const app = await freePort();
  const to = { name: 'pricing', hosts: ['pricing.test'], address: socket('127.0.0.1', pricing.port) };
  const envoy = await startEnvoy(
    patient(
      sidecarYaml({
        speaker: { service: 'orders', instance: 'orders-1' },
        sink: daemon.sink,
        envoyVersion: { major: 1, minor: 40 },
        admin: socket('127.0.0.1', 0),
        inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', app) },
        outbound: { listen: socket('127.0.0.1', 0), upstreams: [to] },
      }),
    ),
  );
  world.defer(() => envoy.stop());
  const orders = await startService(['python3', place('server.py', ORDERS['server.py'])], {
    PYTHONPATH,
    PORT: String(app),
    http_proxy: await envoy.listener('outbound'),
  });
  world.defer(() => orders.stop());

  expect(await checkout(await envoy.listener('inbound'))).toEqual([1, grpc.status.INTERNAL]);
  const [failure] = await until(
    () => allFailures(daemon.api),
    (loops) => loops.length > 0,
    30_000,
  );
  if (failure === undefined) throw new Error('Nothing was kept.');
  const { transaction } = await openLoop(daemon.api, failure.id);
  expect([transaction.exchanges.length, failure.holes]).toEqual([2, []]);
  for (const { request, response } of transaction.exchanges)
    for (const message of [request, response]) {
      if (message === undefined) throw new Error('A side is missing.');
      expect([header(message.headers, 'grpc-encoding'), bodyOf(message)[0]]).toEqual(['gzip', 1]);
      expect(bodyOf(message).length).toBeLessThan(200);
    }
  const view = parseLoopView((await daemon.api.show(failure.id)).view);
  for (const { request, response } of view?.exchanges ?? [])
    for (const message of [request, response])
      expect(message?.body).toMatchObject({ kind: 'text', text: JSON.stringify({ 1: SKU }) });

  await skipWithoutNamespaces(context);
  const project = makeProject(ORDERS);
  const file = join(project.root, 'compressed.loop');
  writeFileSync(file, await daemon.api.recording(failure.id, { open: true }), { mode: 0o600 });
  const { stdout, stderr } = await loopctl(['replay', file, '-o', 'json'], {
    cwd: project.directory,
    data: project.data,
    env: { PYTHONPATH },
  });
  if (stdout === '') throw new Error(stderr);
  const report = checkedReport(stdout);
  expect([report.outcome, report.diff]).toEqual(['reproduced', []]);
  expect(report.calls).toMatchObject([{ protocol: 'grpc', summary: '/shop.Pricing/Quote', grade: 'exact' }]);
});
