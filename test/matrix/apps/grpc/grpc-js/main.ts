/** What users of grpc-js write, once, as a small service: POST /run answers 500 with what the driver gave for every step. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import { workload } from './workload.ts';

const target = `${process.env['TARGET_HOST'] ?? '127.0.0.1'}:${process.env['TARGET_PORT'] ?? '50051'}`;
// A channel each: grpc-js shares connections between clients of one target.
const pool = Array.from(
  { length: Number(process.env['POOL'] ?? 4) },
  () => new grpc.Client(target, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 }),
);

async function warm(): Promise<void> {
  const order = process.env['REVERSED'] === '1' ? pool.toReversed() : pool;
  for (const client of order)
    await new Promise<void>((resolve, reject) =>
      client.waitForReady(Date.now() + 20_000, (error) => (error ? reject(error) : resolve())),
    );
}

const warmed = warm();
const server = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/ready') {
    void warmed.then(
      () => answer(200, {}),
      (error: unknown) => answer(503, { error: String(error) }),
    );
    return;
  }
  const trace = String(request.headers['traceparent'] ?? '');
  void workload(pool, trace, delay).then(
    (steps) => answer(500, { driver: 'grpc-js', steps }),
    (error: unknown) => answer(501, { driver: 'grpc-js', error: String(error) }),
  );
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
