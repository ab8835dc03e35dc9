/** The API over HTTP: made of the list of endpoints. Loopback and a token by default; nothing here trusts Host, Origin or a browser. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import type { Principal } from '../../domain/access.ts';
import type { Answers } from '../contract/answers.ts';
import { isInContract } from '../contract/pages.ts';
import { permit, type ServersOwn } from '../dispatch.ts';
import type { ApiFor } from '../port.ts';
import { addButtonCors, type ServedButton, withButton } from './button.ts';
import { serveConsole } from './console.ts';
import type { EventsOptions } from './event-streams.ts';
import { guardHost } from './guard.ts';
import { takeLoopFiles } from './import-body.ts';
import { sendProblem } from './problem.ts';
import { withServersOwn } from './own.ts';
import { addRoutes } from './routes.ts';

export interface ServerOptions {
  readonly apiFor: ApiFor;
  /**
   * Who asks; undefined: nobody that is known. Rejects with ApiError for what is to be refused whoever it is: too many wrong tokens, a cookie
   * without its CSRF token.
   */
  readonly who: (request: FastifyRequest) => Promise<Principal | undefined>;
  /** Questions that take the request as a whole. Those without an answer are not served. */
  readonly own?: { readonly [Op in ServersOwn]?: OwnAnswer<Op> };
  /** Pages on the way to a provider of identities and back. */
  readonly addAccess?: (server: FastifyInstance) => void;
  /** What pages of other origins may ask. */
  readonly button?: ServedButton | undefined;
  /** What happens; without, nobody is told. */
  readonly events?: EventsOptions;
  /** Whether who asked by this request is somebody still: asked by streams, which outlive it. By default as long as the connection. */
  readonly goesOn?: (request: FastifyRequest) => boolean;
  /** Directory with the files of the page, absolute. */
  readonly console?: string | undefined;
  /** `0.1.0`, for the document of the API. */
  readonly version?: string;
  /** In the format of a scraper's Accept header. */
  readonly metrics: (accept?: string) => Promise<{ readonly type: string; readonly text: string }>;
  /** Whether sidecars are to send here; without, as long as it listens. */
  readonly readiness?: () => Promise<Readiness>;
  /** Undefined when all is well, else one sentence, which is not told here: whoever may know reads it in the vitals. */
  readonly trouble: () => string | undefined;
  /** Host names it answers to, besides loopback: a page of another site that resolves to this address is refused (DNS rebinding). */
  readonly hosts: readonly string[];
}

/** `degraded`: it records, and sidecars are to go on sending, but what it keeps is in danger. Reasons are words of a fixed list. */
export interface Readiness {
  readonly status: 'ready' | 'degraded' | 'not-ready';
  readonly reasons: readonly string[];
}

/** What is needed was checked; `input` is read by readInput. May set headers of the reply, or hijack it. */
export type OwnAnswer<Op extends ServersOwn> = (asked: {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Undefined only where nobody is needed. */
  readonly principal: Principal | undefined;
  readonly input: unknown;
}) => Promise<Answers[Op]>;

/** Largest body where a route does not say more, bytes. Files are streams with a cap of their own. */
const BODY_LIMIT = 1024 * 1024;

/** Of answers that are no page: never run, never stored, never taken for something else. */
const DEFAULT_HEADERS = [
  ['x-content-type-options', 'nosniff'],
  ['cache-control', 'no-store'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['content-security-policy', "default-src 'none'; sandbox"],
] as const;

export function createServer(given: ServerOptions): FastifyInstance {
  const options = withButton(given);
  const server = fastify({ bodyLimit: BODY_LIMIT, logger: false });
  // Pages of any origin can send text without asking first: it is refused unread, as every type is that nobody here takes.
  server.removeContentTypeParser('text/plain');
  takeLoopFiles(server);
  server.addHook('onRoute', ({ method, url }) => {
    const unknown = [method].flat().find((one) => !isInContract(one, url));
    if (unknown !== undefined) throw new TypeError(`${unknown} ${url} is not in the contract: who may ask it?`);
  });
  server.addHook('onRequest', async (request) => guardHost(request, options));
  server.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of DEFAULT_HEADERS) if (!reply.hasHeader(name)) void reply.header(name, value);
  });
  server.setErrorHandler((error, _request, reply) => sendProblem(reply, error));
  serveConsole(server, options.console);
  addHealth(server, options);
  options.addAccess?.(server);
  if (options.button !== undefined) addButtonCors(server, options.button);
  addRoutes(server, withServersOwn(server, options));
  return server;
}

/**
 * Health is for orchestrators and says words that stand in the code, nothing of what is recorded, since nobody need say who they are; numbers
 * are the whole installation's.
 */
function addHealth(server: FastifyInstance, { who, metrics, readiness, trouble }: ServerOptions): void {
  // Whoever answers lives. What is wrong otherwise, a restart does not mend, and it would cost the ring.
  server.get('/livez', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const { status, reasons } = (await readiness?.()) ?? { status: 'ready', reasons: [] };
    return reply.code(status === 'not-ready' ? 503 : 200).send({ status, reasons });
  });
  server.get('/healthz', async (_request, reply) => {
    const isWell = trouble() === undefined;
    return reply.code(isWell ? 200 : 503).send({ status: isWell ? 'ok' : 'trouble' });
  });
  server.get('/metrics', async (request, reply) => {
    permit('vitals', await who(request));
    const { type, text } = await metrics(request.headers.accept);
    return reply.type(type).header('vary', 'accept').send(text);
  });
}
