import { grpcServer } from './grpc.ts';
import { postgresServer } from './postgres.ts';
import { redisServer } from './redis.ts';
import { sseServer } from './sse.ts';
import { websocketServer } from './websocket.ts';
import type { ServerKind } from './server.ts';

/** By protocol. A new one is a file beside this one and a line here. */
export const SERVERS: Readonly<Record<string, ServerKind>> = {
  grpc: grpcServer,
  postgres: postgresServer,
  redis: redisServer,
  sse: sseServer,
  websocket: websocketServer,
};
