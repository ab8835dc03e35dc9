// A Python service that tells its descriptors when it is asked: called through a real Envoy, its messages are shown by their names. And the same with what protoc writes.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import type { LoopId } from '../../src/domain/ids.ts';
import { parseLoopId } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { socket } from '../../src/envoy-config/address.ts';
import type { LoopView } from '../../src/seal/view-schema.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import { bentSidecar } from '../support/bent-sidecar.ts';
import type { RunningService } from '../support/grpc-services.ts';
import { startService } from '../support/grpc-services.ts';
import { grpcioToolsPath } from '../support/grpcio.ts';
import type { RunningEnvoy } from '../support/running-envoy.ts';
import { startEnvoy } from '../support/running-envoy.ts';
import type { TestLoopd } from '../support/test-loopd.ts';
import { allFailures, startTestLoopd } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const PYTHONPATH = grpcioToolsPath();

const PROTO = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "google/protobuf/struct.proto";
service Pricing { rpc Quote(Order) returns (stream Priced); }
enum Level { LEVEL_UNSPECIFIED = 0; GOLD = 2; }
message Order {
  string sku = 1; Level level = 2; repeated int32 sizes = 3; map<string, string> labels = 4;
  oneof payment { string card_number = 5; string voucher = 6; }
  google.protobuf.Timestamp at = 7; google.protobuf.Struct more = 8; bytes hash = 9; int64 cents = 10;
}
message Priced { string sku = 1; double price = 2; }
`;

const SERVER = `
import os
from concurrent import futures
import grpc
from grpc_reflection.v1alpha import reflection
import shop_pb2, shop_pb2_grpc

class Pricing(shop_pb2_grpc.PricingServicer):
    def Quote(self, request, context):
        yield shop_pb2.Priced(sku=request.sku, price=4.5)
        if request.sku == "BROKEN":
            context.abort(grpc.StatusCode.INTERNAL, "the price is no number")

server = grpc.server(futures.ThreadPoolExecutor(4))
shop_pb2_grpc.add_PricingServicer_to_server(Pricing(), server)
if os.environ.get("REFLECTS"):
    reflection.enable_server_reflection(("shop.Pricing", reflection.SERVICE_NAME), server)
print(server.add_insecure_port("127.0.0.1:" + os.environ["PORT"]), flush=True)
server.start()
server.wait_for_termination()
`;

/** Knows no .proto file: asks the server for its descriptors, makes a message of them, and calls. */
const ASKING_CLIENT = `
import sys
import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

channel = grpc.insecure_channel(sys.argv[1])
pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
method = pool.FindServiceByName("shop.Pricing").methods_by_name["Quote"]
order = json_format.ParseDict(json_format.json.loads(sys.argv[2]), message_factory.GetMessageClass(method.input_type)())
quote = channel.unary_stream("/shop.Pricing/Quote", request_serializer=lambda m: m.SerializeToString())
try:
    print(len(list(quote(order))))
except grpc.RpcError as error:
    print(error.code().name)
`;

const KNOWING_CLIENT = `
import sys
import grpc
from google.protobuf import json_format
import shop_pb2, shop_pb2_grpc

order = json_format.Parse(sys.argv[2], shop_pb2.Order())
try:
    print(len(list(shop_pb2_grpc.PricingStub(grpc.insecure_channel(sys.argv[1])).Quote(order))))
except grpc.RpcError as error:
    print(error.code().name)
`;

const ORDER = {
  sku: 'BROKEN',
  level: 'GOLD',
  sizes: [1, 2],
  labels: { color: 'red', api_key: 'k-4711' },
  cardNumber: 'no-card-by-looks',
  at: '2026-01-02T03:04:05Z',
  more: { password: 'hunter2', deep: { count: 3 } },
  hash: 'AQL/',
  cents: '9007199254740993',
};

class World implements AsyncDisposable {
  readonly directory = mkdtempSync(join(tmpdir(), 'loop-names-'));
  readonly #opened = new AsyncDisposableStack();
  daemon: TestLoopd | undefined;
  service: RunningService | undefined;
  envoy: RunningEnvoy | undefined;

  async compile(): Promise<string> {
    for (const [name, text] of Object.entries({
      'shop.proto': PROTO,
      'server.py': SERVER,
      'asking.py': ASKING_CLIENT,
      'knowing.py': KNOWING_CLIENT,
    }))
      writeFileSync(join(this.directory, name), text);
    const set = join(this.directory, 'shop.pb');
    const flags = ['--include_imports', `--descriptor_set_out=${set}`, '--python_out=.', '--grpc_python_out=.', '-I.'];
    await this.python('-m', 'grpc_tools.protoc', ...flags, 'shop.proto');
    return set;
  }

  async start(
    descriptors: readonly string[],
    reflects: boolean,
    originals: 'sealed' | 'none' = 'sealed',
  ): Promise<void> {
    this.daemon = await startTestLoopd({ protobuf: { descriptors: [...descriptors] }, originals });
    this.#opened.defer(() => this.daemon?.close());
    this.service = await startService(['python3', join(this.directory, 'server.py')], {
      PYTHONPATH,
      ...(reflects && { REFLECTS: '1' }),
    });
    this.#opened.defer(() => this.service?.stop());
    this.envoy = await startEnvoy(
      bentSidecar(
        {
          speaker: { service: 'pricing', instance: 'pricing-1' },
          sink: this.daemon.sink,
          envoyVersion: { major: 1, minor: 40 },
          admin: socket('127.0.0.1', 0),
          inbound: { listen: socket('127.0.0.1', 0), app: socket('127.0.0.1', this.service.port) },
        },
        { patient: true },
      ),
    );
    this.#opened.defer(() => this.envoy?.stop());
  }

  async call(client: string, order: object): Promise<string> {
    const inbound = new URL((await this.envoy?.listener('inbound')) ?? '').host;
    return this.python(`${client}.py`, inbound, JSON.stringify(order));
  }

  async python(...words: readonly string[]): Promise<string> {
    const { stdout } = await run('python3', words, { cwd: this.directory, env: { ...process.env, PYTHONPATH } });
    return stdout.trim();
  }

  async exemplars(): Promise<readonly LoopSummary[]> {
    return (await this.daemon?.api.list({ purpose: 'exemplar', limit: 100 }))?.loops ?? [];
  }

  /** The view of the only failure. */
  async failure(): Promise<LoopView> {
    const { daemon } = this;
    if (daemon === undefined) throw new Error('Nothing runs.');
    const [found] = await until(
      () => allFailures(daemon.api),
      (loops) => loops.length > 0,
      30_000,
    );
    const view = found && parseLoopView((await daemon.api.show(found.id)).view);
    if (view === undefined) throw new Error('It has no view.');
    return view;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function textOf(view: LoopView, side: 'request' | 'response'): string {
  const body = view.exchanges[0]?.[side]?.body;
  return body?.kind === 'text' ? body.text : `(${String(body?.kind)})`;
}

const TOKEN = expect.stringMatching(/^REDACTED\(/);

const SHOWN = {
  sku: 'BROKEN',
  level: 'GOLD',
  sizes: [1, 2],
  labels: { color: 'red', api_key: TOKEN },
  card_number: TOKEN,
  at: '2026-01-02T03:04:05Z',
  more: { password: TOKEN, deep: { count: 3 } },
  hash: 'AQL/',
  cents: '9007199254740993',
};

it('a service that tells its descriptors is shown by names, redacted by names', async () => {
  await using world = new World();
  await world.compile();
  await world.start([], true);
  expect(await world.call('asking', { sku: 'MUG' })).toBe('1');
  await until(
    () => world.exemplars(),
    (loops) => loops.some(({ path }) => path.includes('ServerReflectionInfo')),
    30_000,
  );
  expect(await world.call('asking', ORDER)).toBe('INTERNAL');
  const view = await world.failure();
  expect(JSON.parse(textOf(view, 'request'))).toEqual(SHOWN);
  expect(JSON.parse(textOf(view, 'response'))).toEqual({ sku: 'BROKEN', price: 4.5 });
});

it('descriptors that protoc wrote show the same', async () => {
  await using world = new World();
  await world.start([await world.compile()], false);
  expect(await world.call('knowing', ORDER)).toBe('INTERNAL');
  const view = await world.failure();
  expect(JSON.parse(textOf(view, 'request'))).toEqual(SHOWN);
  expect(JSON.parse(textOf(view, 'response'))).toEqual({ sku: 'BROKEN', price: 4.5 });
});

it('without originals, what a name hides is nowhere in what is stored', async () => {
  await using world = new World();
  await world.start([await world.compile()], false, 'none');
  expect(await world.call('knowing', ORDER)).toBe('INTERNAL');
  const view = await world.failure();
  expect(JSON.parse(textOf(view, 'request'))).toEqual({ ...SHOWN, hash: expect.any(String) });
  const stored = await world.daemon?.api.recording(idOf(view), { open: true });
  for (const secret of ['no-card-by-looks', 'hunter2', 'k-4711'])
    expect(Buffer.from(stored ?? '').includes(secret)).toBe(false);
});

function idOf(view: LoopView): LoopId {
  const id = parseLoopId(view.id);
  if (id === undefined) throw new Error(`${view.id} is no id`);
  return id;
}
