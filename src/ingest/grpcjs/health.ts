import type { Server, sendUnaryData } from '@grpc/grpc-js';
import { HEALTH, HEALTH_CHECK } from '../served.ts';

/** Whatever service is asked for. `serving` is asked each time. */
export function serveHealth(server: Server, serving: () => boolean): void {
  const answer = (_call: unknown, reply: sendUnaryData<Buffer>): void =>
    reply(null, Buffer.from(serving() ? HEALTH.serving : HEALTH.notServing));
  server.register<Buffer, Buffer>(
    HEALTH_CHECK,
    answer,
    (bytes) => bytes,
    (bytes) => bytes,
    'unary',
  );
}
