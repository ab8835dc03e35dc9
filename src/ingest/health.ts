import type { Server, sendUnaryData } from '@grpc/grpc-js';

/** Envoy's active health check asks this before it sends a call: grpc.health.v1, protos/health.proto. */
export const HEALTH_CHECK = '/grpc.health.v1.Health/Check';

/** HealthCheckResponse {status 1: SERVING = 1}. */
const SERVING = Buffer.of(0x08, 0x01);

/** A server that listens is one that serves, whatever service is asked for. */
export function serveHealth(server: Server): void {
  const answer = (_call: unknown, reply: sendUnaryData<Buffer>): void => reply(null, SERVING);
  server.register<Buffer, Buffer>(
    HEALTH_CHECK,
    answer,
    (bytes) => bytes,
    (bytes) => bytes,
    'unary',
  );
}
