/** What users of node-redis write, once, as a small service: POST /run answers 500 with what the driver gave for every step. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connectedClient, type Target } from './client.ts';
import { workload } from './workload.ts';

const target: Target = {
  host: process.env['TARGET_HOST'] ?? '127.0.0.1',
  port: Number(process.env['TARGET_PORT'] ?? 6379),
  password: process.env['REDIS_PASSWORD'] || undefined,
};

const size = Number(process.env['POOL'] ?? 4);
const pool = Promise.all(Array.from({ length: size }, () => connectedClient(target))).then((clients) =>
  process.env['REVERSED'] === '1' ? clients.toReversed() : clients,
);

const server = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const failed = (error: unknown): void => answer(503, { driver: 'node-redis', error: String(error) });
  if (request.url === '/ready') return void pool.then(() => answer(200, {}), failed);
  return void pool
    .then((clients) => workload({ pool: clients, connect: () => connectedClient(target), token: randomUUID }))
    .then((steps) => answer(500, { driver: 'node-redis', steps }), failed);
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
