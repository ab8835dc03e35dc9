/** What users of ioredis write, once, as a small service: POST /run answers 500 with what the driver gave for every step. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { workload, type Step } from './workload.ts';

const options = {
  host: process.env['TARGET_HOST'] ?? '127.0.0.1',
  port: Number(process.env['TARGET_PORT'] ?? 6379),
  ...(process.env['REDIS_PASSWORD'] && { password: process.env['REDIS_PASSWORD'] }),
  connectionName: 'matrix',
  maxRetriesPerRequest: 2,
};
const pool = Array.from(
  { length: Number(process.env['POOL'] ?? 4) },
  () => new Redis({ ...options, lazyConnect: true }),
);

async function warm(): Promise<void> {
  const order = process.env['REVERSED'] === '1' ? pool.toReversed() : pool;
  for (const client of order) await client.connect();
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
  void workload({ pool, connect: () => new Redis(options), token: randomUUID }).then(
    (steps: readonly Step[]) => answer(500, { driver: 'ioredis', steps }),
    (error: unknown) => answer(501, { driver: 'ioredis', error: String(error) }),
  );
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
