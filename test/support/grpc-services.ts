/** Two gRPC services as people write them: orders in Python asks pricing in Node. The same files run in a test's world and in the sandbox. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { quote } from './protobuf.ts';

const GRPC_JS = fileURLToPath(import.meta.resolve('@grpc/grpc-js'));

const loopYaml = (service: string, command: string) => `version: 1
services:
  ${service}: { command: [${command}], port: 8080 }
`;

/** `/shop.Orders/Checkout` asks `/shop.Pricing/Quote` at PRICING; with TLS=1 it insists on it. A failure is passed on with its code. */
export const ORDERS = {
  'loop.yaml': loopYaml('orders', 'python3, server.py'),
  'server.py': `
import os
from concurrent import futures
import grpc

target = os.environ.get("PRICING", "pricing.test:50051")
channel = grpc.secure_channel(target, grpc.ssl_channel_credentials()) if os.environ.get("TLS") else grpc.insecure_channel(target)
quote = channel.unary_unary("/shop.Pricing/Quote")

def checkout(request, context):
    trace = [(name, value) for name, value in context.invocation_metadata() if name == "traceparent"]
    try:
        return quote(request, metadata=trace, timeout=20)
    except grpc.RpcError as error:
        context.abort(error.code(), "pricing said: " + error.details())

server = grpc.server(futures.ThreadPoolExecutor(4))
checkout = grpc.unary_unary_rpc_method_handler(checkout)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.Orders", {"Checkout": checkout}),))
port = server.add_insecure_port("127.0.0.1:" + os.environ["PORT"])
server.start()
print(port, flush=True)
server.wait_for_termination()
`,
};

/** The same in Node. */
export const ORDERS_IN_NODE = {
  'loop.yaml': loopYaml('orders', 'node, server.mjs'),
  'server.mjs': `
import grpc from '${GRPC_JS}';

const same = (bytes) => bytes;
const credentials = process.env.TLS ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
const pricing = new grpc.Client(process.env.PRICING, credentials);
const server = new grpc.Server();
server.register('/shop.Orders/Checkout', (call, reply) => {
  pricing.makeUnaryRequest('/shop.Pricing/Quote', same, same, call.request, (error, answer) => {
    if (error) reply({ code: error.code, details: 'pricing said: ' + error.details });
    else reply(null, answer);
  });
}, same, same, 'unary');
server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
`,
};

/** `/shop.Pricing/Quote`: BROKEN fails with INTERNAL, MISSING is NOT_FOUND, the rest has a price. */
export const PRICING = {
  'loop.yaml': loopYaml('pricing', 'node, server.mjs'),
  'server.mjs': `
import grpc from '${GRPC_JS}';

const same = (bytes) => bytes;
const server = new grpc.Server();
server.register('/shop.Pricing/Quote', (call, reply) => {
  const sku = call.request.subarray(2).toString();
  if (sku === 'BROKEN') return reply({ code: grpc.status.INTERNAL, details: 'the price of ' + sku + ' is no number' });
  if (sku === 'MISSING') return reply({ code: grpc.status.NOT_FOUND, details: 'no ' + sku });
  reply(null, call.request);
}, same, same, 'unary');
server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
`,
};

export interface RunningService {
  readonly port: number;
  /** To pause it and let it go on. */
  signal(name: NodeJS.Signals): void;
  stop(): Promise<void>;
}

/** Runs it on a port of the system's choice, with which the first line that it prints ends. */
export async function startService(
  [program, file]: readonly [string, string],
  environment: Readonly<Record<string, string>>,
): Promise<RunningService> {
  const child = spawn(program, [file], {
    env: { ...process.env, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const [port] = await Promise.race([
    line,
    ended.then(([code]) => {
      throw new Error(`${file} ended with code ${String(code)}.`);
    }),
  ]);
  return {
    port: Number(/\d+$/.exec(port)?.[0]),
    signal: (name) => void child.kill(name),
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Status code and message of one unary call. */
export async function checkout(
  origin: string,
  sku: string,
  traceparent: string,
  method = '/shop.Orders/Checkout',
): Promise<readonly [number, string]> {
  const client = new grpc.Client(new URL(origin).host, grpc.credentials.createInsecure());
  const metadata = new grpc.Metadata();
  metadata.set('traceparent', traceparent);
  try {
    return await new Promise((resolve) => {
      const same = (bytes: Buffer): Buffer => bytes;
      const call = client.makeUnaryRequest(method, same, same, Buffer.from(quote({ sku })), metadata, () => undefined);
      call.on('status', ({ code, details }) => resolve([code, details]));
    });
  } finally {
    client.close();
  }
}
