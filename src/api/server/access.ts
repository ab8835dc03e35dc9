/** Who asks, over HTTP: tokens, cookies, and the way to an OpenID provider and back. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Known } from '../../access/access.ts';
import { cookiesOf, type Asking } from '../../access/asking.ts';
import { WAY_COOKIE, wayCookie } from '../../access/cookie.ts';
import { tenantNames } from '../../access/grants.ts';
import { CALLBACK_PATH, START_PATH, WAY_SECONDS, type Oidc } from '../../access/oidc.ts';
import { may, PERMISSIONS, seesAll, type Principal } from '../../domain/access.ts';
import type { AuditTrail } from '../../domain/audit.ts';
import { ENDPOINTS } from '../contract/endpoints.ts';
import type { ReadInputOf } from '../contract/inputs.ts';
import type { SessionAnswer } from '../contract/results.ts';
import { ofAccess } from '../tokens.ts';
import { Attempts } from './attempts.ts';
import { askingOf } from './guard.ts';
import type { ServerOptions } from './server.ts';

export interface ServedAccess {
  readonly access: Access;
  readonly oidc?: Oidc | undefined;
  /** `0.1.0` */
  readonly version: string;
  /** Is told who signs in and out, and what was refused; without, nobody is. */
  readonly audit?: AuditTrail;
}

type Served = Required<Pick<ServerOptions, 'who' | 'goesOn' | 'own' | 'addAccess'>>;

export function serveAccess({ access, oidc, version, audit }: ServedAccess): Served {
  const known = new WeakMap<FastifyRequest, Known>();
  const attempts = new Attempts(audit);
  const answer = answering(version, oidc?.name);
  return {
    who: async (request) => {
      // Who signs in is about to be somebody: a cookie from before proves nothing, and is in nobody's way.
      if (isSignIn(request)) return undefined;
      const asking = askingOf(request);
      const found = await attempts.withToken(asking, () => access.who(asking));
      if (found !== undefined) known.set(request, found);
      return found?.principal;
    },
    goesOn: (request) => known.get(request)?.goesOn() ?? false,
    own: {
      session: async ({ request }) => answer(known.get(request)),
      signIn: async ({ request, reply, input }) => {
        const { token } = input as ReadInputOf<'signIn'>;
        const asking = askingOf(request);
        const { session, cookie } = await attempts.withToken(asking, () => access.signIn(asking, token));
        // Nobody has the session before they are handed its cookie.
        await attempts.signedIn(session.principal, 'token');
        void reply.header('set-cookie', cookie);
        return answer({ principal: session.principal, session });
      },
      signOut: async ({ request, reply }) => {
        void reply.header('set-cookie', access.signOut(askingOf(request)));
        await attempts.signedOut(known.get(request));
        return undefined;
      },
    },
    addAccess: (server) => {
      server.addHook('onError', async (request, _reply, error) =>
        attempts.refused(request, known.get(request)?.principal ?? request.principal, error),
      );
      if (oidc !== undefined) addWay(server, access, oidc, attempts);
    },
  };
}

/** What somebody is told of themselves, and of how one signs in. */
function answering(version: string, oidc: string | undefined) {
  const signIn = { token: true, ...(oidc !== undefined && { oidc: { name: oidc, url: START_PATH } }) };
  return (one?: Pick<Known, 'principal' | 'session'>): SessionAnswer => ({
    ...(one && sessionOf(one)),
    signIn,
    version,
  });
}

function isSignIn({ method, url }: FastifyRequest): boolean {
  return method === ENDPOINTS.signIn.method && url.split('?')[0] === ENDPOINTS.signIn.path;
}

function sessionOf({
  principal,
  session,
}: Pick<Known, 'principal' | 'session'>): Omit<SessionAnswer, 'signIn' | 'version'> {
  const { name, grants } = principal;
  const tenants = tenantNames(grants);
  return {
    principal: {
      name,
      roles: [...new Set(grants.map(({ role }) => role))],
      permissions: PERMISSIONS.filter((permission) => may(principal, permission)),
      ...(tenants !== undefined && !isEverywhere(principal) && { tenants }),
    },
    ...(session && { csrf: session.csrf, until: session.until }),
  };
}

function isEverywhere(principal: Principal): boolean {
  return seesAll(principal, 'read');
}

/** Pages of the way to the provider and back. They are navigated to, not asked by scripts. */
function addWay(server: FastifyInstance, access: Access, oidc: Oidc, attempts: Attempts): void {
  server.get(START_PATH, async (request, reply) => {
    const asking = askingOf(request);
    const { to } = request.query as { readonly to?: unknown };
    const way = await told(() => oidc.begin(typeof to === 'string' ? to : '/', asking.address));
    return reply
      .header('set-cookie', wayCookie(CALLBACK_PATH, access.kind(asking), way.cookie, WAY_SECONDS))
      .redirect(way.location, 303);
  });
  server.get(CALLBACK_PATH, async (request, reply) => {
    const asking = askingOf(request);
    const [cookie, ...others] = cookiesOf(asking, WAY_COOKIE);
    const found = await told(() => oidc.finish(request.url, others.length === 0 ? cookie : undefined));
    const signedIn = access.begin(asking, found.principal);
    await attempts.signedIn(found.principal, 'openid');
    void reply.header('set-cookie', [signedIn.cookie, takenBack(access, asking)]);
    return sendOn(reply, found.to);
  });
}

function takenBack(access: Access, asking: Asking): string {
  return wayCookie(CALLBACK_PATH, access.kind(asking), '', 0);
}

/** Not in a sandbox, as other answers are: there a page goes nowhere by itself, and whoever follows its link comes from no origin. */
const PAGE_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** A page that goes on by itself: a redirect would still count as coming from the provider, and the new cookie would stay behind. */
function sendOn(reply: FastifyReply, to: string): FastifyReply {
  const href = to.replace(/[&"<>]/g, (one) => `&#${one.charCodeAt(0)};`);
  return (
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      // The address of this page has the code.
      .header('referrer-policy', 'no-referrer')
      .send(
        `<!doctype html><html lang="en"><meta http-equiv="refresh" content="0;url=${href}"><title>Signed in</title><p>You are signed in. <a href="${href}">Go on</a></p></html>`,
      )
  );
}

async function told<Value>(act: () => Promise<Value>): Promise<Value> {
  return act().catch((error: unknown) => {
    throw ofAccess(error);
  });
}
