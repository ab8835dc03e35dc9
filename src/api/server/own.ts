/** What the server answers by itself. */
import type { FastifyInstance } from 'fastify';
import { unknownCaller, type ServersOwn } from '../dispatch.ts';
import type { ReadInputOf } from '../contract/inputs.ts';
import { openApiDocument } from '../openapi.ts';
import { EventStreams } from './event-streams.ts';
import type { OwnAnswer, ServerOptions } from './server.ts';

type Own = { readonly [Op in ServersOwn]?: OwnAnswer<Op> };

/** The streams end with the server. */
export function withServersOwn(server: FastifyInstance, options: ServerOptions): ServerOptions {
  const { version = '0' } = options;
  let document: object | undefined;
  // Without sessions there is nothing to listen to, and nothing to end.
  if (options.own?.mcp !== undefined)
    server.route({
      method: ['GET', 'DELETE'],
      url: '/mcp',
      handler: async (_request, reply) => reply.code(405).header('allow', 'POST').send(),
    });
  const own: Own = {
    openapi: async () => (document ??= openApiDocument(version)),
    ...eventsOf(server, options),
    ...options.own,
  };
  return { ...options, own };
}

function eventsOf(server: FastifyInstance, { events, goesOn = () => true }: ServerOptions): Own {
  if (events === undefined) return {};
  const streams = new EventStreams(events);
  server.addHook('preClose', async () => streams.close());
  return {
    async events({ request, reply, principal, input }) {
      if (principal === undefined) throw unknownCaller();
      const { after } = input as ReadInputOf<'events'>;
      streams.serve(request, reply, { principal, after, goesOn: () => goesOn(request) });
    },
  };
}
