/** One route per endpoint of the contract. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../domain/access.ts';
import { CREATES, ENDPOINTS, type Endpoint, type Operation } from '../contract/endpoints.ts';
import { dispatch, permit, readInput, type ServersOwn } from '../dispatch.ts';
import { ApiError } from '../error.ts';
import { LOOP_TYPE } from '../loop-type.ts';
import { withSentFile } from './import-body.ts';
import type { ServerOptions } from './server.ts';

/** Largest body that is no file, bytes. */
const JSON_LIMIT = 2 * 1024 * 1024;

const OWN: Readonly<Record<ServersOwn, true>> = {
  session: true,
  signIn: true,
  signOut: true,
  pressButton: true,
  lookAtButton: true,
  releaseButton: true,
  events: true,
  mcp: true,
  openapi: true,
};

export function addRoutes(server: FastifyInstance, options: ServerOptions): void {
  server.decorateRequest('principal', undefined);
  for (const operation of Object.keys(ENDPOINTS) as Operation[]) addRoute(server, operation, options);
}

function addRoute(server: FastifyInstance, operation: Operation, options: ServerOptions): void {
  const { method, path }: Endpoint = ENDPOINTS[operation];
  server.route({
    method,
    url: path,
    ...(operation !== 'importLoop' && { bodyLimit: JSON_LIMIT }),
    // Before the body is read: nobody sends us gigabytes unasked.
    preParsing: async (request) => {
      const principal = await options.who(request);
      request.principal = principal;
      permit(operation, principal);
    },
    handler: async (request, reply) => {
      const answer = await answerTo(operation, request, reply, options);
      return reply.sent ? reply : send(operation, reply, answer);
    },
  });
}

async function answerTo(
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  { apiFor, own = {} }: ServerOptions,
): Promise<unknown> {
  const { principal } = request;
  if (isOwn(operation)) {
    const answer = own[operation];
    if (answer !== undefined)
      return answer({ request, reply, principal, input: readInput(operation, inputOf(request)) });
    throw new ApiError('not-found', 'This is not served here.', 'It needs a part of loopd that is not configured.');
  }
  if (operation !== 'importLoop') return dispatch(apiFor, principal, operation, inputOf(request));
  const said = request.query as object;
  return withSentFile(request, (file) => dispatch(apiFor, principal, operation, { ...said, file }));
}

function isOwn(operation: Operation): operation is ServersOwn {
  return Object.hasOwn(OWN, operation);
}

/** What stands in the path wins. */
function inputOf({ method, params, query, body }: FastifyRequest): unknown {
  const rest = method === 'POST' ? (body ?? {}) : query;
  if (typeof rest !== 'object' || Array.isArray(rest))
    throw new ApiError('invalid', 'The body is to be a JSON object.');
  return { ...rest, ...(params as object) };
}

function send(operation: Operation, reply: FastifyReply, answer: unknown): FastifyReply {
  const { answers = 'json' }: Endpoint = ENDPOINTS[operation];
  switch (answers) {
    case 'nothing':
      return reply.code(204).send();
    case 'bytes':
      return reply
        .type(operation === 'recordingOfLoop' ? LOOP_TYPE : 'application/octet-stream')
        .header('content-disposition', 'attachment')
        .send(answer);
    case 'json':
    case 'events':
      return reply.code(CREATES.includes(operation) ? 201 : 200).send(answer);
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set before the body is read. */
    principal: Principal | undefined;
  }
}
