import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { CaptureStart } from '../captures/selector.ts';
import { parseCaptureId } from '../domain/capture.ts';
import type { CaptureId } from '../domain/capture.ts';
import type { CaptureApi } from './captures.ts';
import { ApiError } from './error.ts';

const ID = z.object({ id: z.string().max(100) });

/** `/v1/captures` and below. What is sent to start one is checked where it is started. */
export function addCaptureRoutes(server: FastifyInstance, captures: CaptureApi): void {
  server.get('/v1/captures', async () => ({ captures: await captures.list() }));
  server.post('/v1/captures', async (request, reply) =>
    reply.code(201).send(await captures.start(request.body as CaptureStart)),
  );
  server.get('/v1/captures/:id/resolve', async (request) => ({
    id: await captures.resolve(ID.parse(request.params).id),
  }));
  server.get('/v1/captures/:id', async (request) => captures.show(idIn(request.params)));
  server.post('/v1/captures/:id/stop', async (request) => captures.stop(idIn(request.params)));
  server.delete('/v1/captures/:id', async (request) => ({ loops: await captures.delete(idIn(request.params)) }));
}

function idIn(params: unknown): CaptureId {
  const id = parseCaptureId(ID.parse(params).id);
  if (id === undefined) throw new ApiError('invalid', 'That is no id of a capture (cap- and 8 characters).');
  return id;
}
