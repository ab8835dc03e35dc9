/** The service that is recorded. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { upstreamAnswer } from './scenario.ts';

export interface Upstream {
  readonly port: number;
  stop(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  let given = 0;
  const tickets = { next: () => ++given };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = upstreamAnswer(request.method ?? '', request.url ?? '', body, tickets);
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { error: 'not found' }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** It is stopped when that is done. */
export async function untilDone<Result>(upstream: Upstream, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } finally {
    await upstream.stop();
  }
}
