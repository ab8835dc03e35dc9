/** The only routes that pages of other origins may ask, and how browsers are told so (Fetch standard, CORS): those that are configured, without cookies. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../domain/access.ts';
import { Button, type ButtonOptions } from '../button/button.ts';
import { type Caller, Callers } from '../button/callers.ts';
import { ENDPOINTS } from '../contract/endpoints.ts';
import type { ReadInputOf } from '../contract/inputs.ts';
import { ApiError } from '../error.ts';
import { askingOf } from './guard.ts';
import type { ServerOptions } from './server.ts';

export interface ServedButton {
  /** Of all tools. */
  readonly origins: readonly string[];
  readonly own: Pick<NonNullable<ServerOptions['own']>, 'pressButton' | 'lookAtButton' | 'releaseButton'>;
  who(request: FastifyRequest): Promise<Principal>;
}

const PATHS = [ENDPOINTS.pressButton.path, ENDPOINTS.releaseButton.path];
/** A browser asks again after so long, s. */
const PREFLIGHT_SECONDS = 600;

function isButtonPath(url: string): boolean {
  const [path = ''] = url.split('?');
  return PATHS.some((known) => known === path);
}

export function serveButton(options: ButtonOptions): ServedButton {
  const callers = new Callers(options);
  const button = new Button(options);
  const known = new WeakMap<FastifyRequest, Caller>();
  const callerOf = (request: FastifyRequest): Caller => {
    const caller = known.get(request);
    if (caller !== undefined) return caller;
    throw new ApiError('unauthorised', 'A signed reference is needed.');
  };
  return {
    origins: options.tools.flatMap(({ origins }) => origins),
    async who(request) {
      const caller = await callers.identify(askingOf(request));
      known.set(request, caller);
      return caller.principal;
    },
    own: {
      pressButton: ({ request, input }) => button.press(callerOf(request), (input as ReadInputOf<'pressButton'>).forMs),
      lookAtButton: ({ request }) => button.look(callerOf(request)),
      releaseButton: ({ request }) => button.release(callerOf(request)),
    },
  };
}

/** Who asks by a reference is nobody elsewhere, and who is somebody elsewhere is nobody here. */
export function withButton(options: ServerOptions): ServerOptions {
  const { button, who, own } = options;
  if (button === undefined) return options;
  return {
    ...options,
    own: { ...own, ...button.own },
    who: (request) => (isButtonPath(request.url) ? button.who(request) : who(request)),
  };
}

export function addButtonCors(server: FastifyInstance, { origins }: ServedButton): void {
  server.addHook('onRequest', async (request, reply) => {
    if (isButtonPath(request.url)) allowOrigin(request, reply, origins);
  });
  for (const path of PATHS)
    server.options(path, async (_request, reply) =>
      reply
        .code(204)
        .header('access-control-allow-methods', 'GET, POST')
        .header('access-control-allow-headers', 'authorization, content-type')
        .header('access-control-max-age', PREFLIGHT_SECONDS)
        .send(),
    );
}

/** Throws ApiError `forbidden`. A refusal can be read by the pages that are allowed, so that they can say why. */
function allowOrigin({ headers: { origin } }: FastifyRequest, reply: FastifyReply, origins: readonly string[]): void {
  void reply.header('vary', 'origin');
  if (origin === undefined) return;
  if (!origins.includes(origin))
    throw new ApiError(
      'forbidden',
      'Pages of this origin may not use the support button.',
      'Name it under support.tools in loopd.yaml.',
    );
  void reply.header('access-control-allow-origin', origin);
}
