/** A loop file as it comes in over HTTP. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ENDPOINTS } from '../contract/endpoints.ts';
import { ApiError } from '../error.ts';
import { LOOP_TYPE } from '../loop-type.ts';

/** Largest `.loop` taken in, bytes; the format has the same cap, for those that do not say their length. */
const IMPORT_LIMIT = 512 * 1024 * 1024;

/** As they come, since what is wrong with one is told before all of it is here; by the one question that takes them, and by no other. */
export function takeLoopFiles(server: FastifyInstance): void {
  server.addContentTypeParser(LOOP_TYPE, ({ method, routeOptions }, stream, done) => {
    if (method === ENDPOINTS.importLoop.method && routeOptions.url === ENDPOINTS.importLoop.path)
      return done(null, stream);
    done(new ApiError('invalid', 'No loop file is taken here.', `${ENDPOINTS.importLoop.path} takes them.`));
  });
}

/** Whatever `use` left unread is read and dropped behind it. */
export async function withSentFile<Value>(
  { body, headers }: FastifyRequest,
  use: (file: AsyncIterable<Uint8Array>) => Promise<Value>,
): Promise<Value> {
  if (!(body instanceof Readable)) throw new ApiError('invalid', `A loop file is sent as ${LOOP_TYPE}.`);
  if (Number(headers['content-length'] ?? 0) > IMPORT_LIMIT) throw tooLarge();
  try {
    // Not destroyed by whoever has read enough: the answer goes over the same connection.
    return await use(body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>);
  } finally {
    // Node discards what nobody began to read, and nothing else: a client that still sends would wait for ever.
    body.resume();
  }
}

function tooLarge(): ApiError {
  return new ApiError(
    'refused',
    `A loop file has at most ${IMPORT_LIMIT} bytes.`,
    'If you trust where it comes from, replay it there instead.',
  );
}
