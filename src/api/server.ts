/** The API over HTTP. Loopback and a token by default; nothing here trusts Host, Origin or a browser. */
import { timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastify from 'fastify';
import { z } from 'zod';
import { addCaptureRoutes } from './capture-routes.ts';
import type { LoopSummary } from '../domain/loop.ts';
import { ApiError, STATUS_OF } from './error.ts';
import type { LoopApi } from './port.ts';
import type { Problem } from './schemas.ts';
import { FINGERPRINT_QUERY, LIST_QUERY, LOOP_ID, LOOP_TYPE, REDACTION_TEST, RULES_TEST } from './schemas.ts';

export interface ServerOptions {
  readonly api: LoopApi;
  readonly token: string;
  /** Prometheus text. */
  readonly metrics: () => Promise<string>;
  /** Undefined when all is well, else one sentence. */
  readonly trouble: () => string | undefined;
  /** One sentence on what is not as somebody wants it, although it works. */
  readonly warning?: () => string | undefined;
  /** Host names it answers to, besides loopback: a page of another site that resolves to this address is refused (DNS rebinding). */
  readonly hosts: readonly string[];
}

/** Largest `.loop` taken in, bytes; the format has the same cap, for those that do not say their length. */
const IMPORT_LIMIT = 512 * 1024 * 1024;

export function createServer(options: ServerOptions): FastifyInstance {
  const server = fastify({ bodyLimit: IMPORT_LIMIT, logger: false });
  // As it comes: what is wrong with a file is told before all of it is here.
  server.addContentTypeParser(LOOP_TYPE, (_request, stream, done) => done(null, stream));
  server.addHook('onRequest', async (request) => guard(request, options));
  server.addHook('onSend', async (_request, reply) => {
    void reply
      .header('x-content-type-options', 'nosniff')
      .header('cache-control', 'no-store')
      .header('content-security-policy', "default-src 'none'; sandbox");
  });
  server.setErrorHandler((error, _request, reply) => sendProblem(reply, error));
  server.setNotFoundHandler(() => {
    throw new ApiError('not-found', 'There is nothing here.', 'The API lies under /v1.');
  });
  addRoutes(server, options);
  addCaptureRoutes(server, options.api.captures);
  return server;
}

function addRoutes(server: FastifyInstance, { api, metrics, trouble, warning }: ServerOptions): void {
  server.get('/healthz', async (_request, reply) => {
    const wrong = trouble();
    const told = warning?.();
    const body = { status: wrong ?? 'ok', ...(told !== undefined && { warning: told }) };
    return reply.code(wrong === undefined ? 200 : 503).send(body);
  });
  server.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4').send(await metrics()));
  server.get('/v1/loops', async (request) => api.list(parse(LIST_QUERY, request.query)));
  server.get('/v1/fingerprints', async (request) => ({
    fingerprints: await api.fingerprints(parse(FINGERPRINT_QUERY, request.query)),
  }));
  server.get('/v1/loops/:id/resolve', async (request) => ({
    id: await api.resolve(parse(z.object({ id: z.string().max(100) }), request.params).id),
  }));
  server.get('/v1/loops/:id', async (request) => {
    const { summary, view } = await api.show(idOf(request));
    return { summary, view: JSON.parse(view) as unknown };
  });
  server.get('/v1/loops/:id/recording', async (request, reply) => {
    const { open } = parse(z.object({ open: z.enum(['true', 'false']).default('false') }), request.query);
    const file = await api.recording(idOf(request), { open: open === 'true' });
    return reply.type(LOOP_TYPE).header('content-disposition', 'attachment').send(Buffer.from(file));
  });
  server.post('/v1/loops', async (request, reply) => reply.code(201).send(await importSent(request, api)));
  server.post('/v1/loops/:id/redaction-test', async (request) =>
    api.testRedaction(idOf(request), parse(REDACTION_TEST, request.body).rules),
  );
  server.post('/v1/rules-test', async (request) => api.testRules(parse(RULES_TEST, request.body)));
  server.delete('/v1/loops/:id', async (request, reply) => {
    await api.delete(idOf(request));
    return reply.code(204).send();
  });
}

async function importSent({ body, headers }: FastifyRequest, api: LoopApi): Promise<LoopSummary> {
  if (!(body instanceof Readable)) throw new ApiError('invalid', `A loop file is sent as ${LOOP_TYPE}.`);
  if (Number(headers['content-length'] ?? 0) > IMPORT_LIMIT) throw tooLarge();
  try {
    // Not destroyed by whoever has read enough: the answer goes over the same connection.
    return await api.import(body.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>);
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

/** Health is for orchestrators and tells nothing; everything else needs the token. */
function guard(request: FastifyRequest, options: ServerOptions): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (!['localhost', '127.0.0.1', '::1', ...options.hosts].includes(host)) {
    throw new ApiError(
      'unauthorised',
      'This server does not answer to that host name.',
      'Set api.hosts in the configuration of loopd.',
    );
  }
  if (request.headers.origin !== undefined)
    throw new ApiError('unauthorised', 'Pages of other sites may not use this API.');
  if (request.url === '/healthz') return;
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  if (!sameText(given, options.token))
    throw new ApiError(
      'unauthorised',
      'The token is missing or wrong.',
      'It is in the file "token" of the data directory; loopctl finds it with --data or LOOP_TOKEN.',
    );
}

function sameText(one: string, other: string): boolean {
  const left = Buffer.from(one);
  const right = Buffer.from(other);
  return left.length === right.length && timingSafeEqual(left, right);
}

function idOf(request: FastifyRequest): z.output<typeof LOOP_ID> {
  return parse(z.object({ id: LOOP_ID }), request.params).id;
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ApiError(
    'invalid',
    parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; '),
  );
}

function sendProblem(reply: FastifyReply, error: unknown): FastifyReply {
  const known = error instanceof ApiError ? error : fromFastify(error);
  const status = STATUS_OF[known.code];
  const problem: Problem = {
    type: 'about:blank',
    title: known.message,
    status,
    code: known.code,
    ...(known.hint !== undefined && { hint: known.hint }),
  };
  return reply.code(status).type('application/problem+json').send(problem);
}

/** Its own refusals (a body too large, broken JSON) have a status below 500; anything else is ours. */
function fromFastify(error: unknown): ApiError {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  const message = error instanceof Error ? error.message : String(error);
  return status < 500
    ? new ApiError('invalid', message)
    : new ApiError('failed', 'Something failed that should not.', 'loopd has logged it.', { cause: error });
}
