/** The page and its files, as the build left them. Nothing in them is secret: whoever is nobody gets the page that asks who they are. */
import { basename } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyStatic from '@fastify/static';
import { ApiError } from '../error.ts';

/**
 * What the page may do. Scripts and styles are files of our own, never text in the page; no text becomes a script or markup (Trusted Types
 * without a policy); nothing is loaded from or told to anybody else. `blob:` shows images that were asked for with a token.
 * https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const OF_PAGES = {
  'content-security-policy': PAGE_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};

/** Loaded by pages of other origins, which is what it is for. */
const BUTTON = 'support-button.js';
/** Their names tell their content. */
const HASHED = /[/\\]assets[/\\][^/\\]+-[\w-]{8,}\.\w+$/;
/** Answered by somebody else than the page, also when there is nothing. */
const NO_PAGE = /^\/(?:v1|mcp|healthz|livez|readyz|metrics|assets)(?:[/?]|$)/;

/** `directory`: absolute. Undefined: there is none, and a browser is told so. */
export function serveConsole(server: FastifyInstance, directory: string | undefined): void {
  if (directory !== undefined)
    void server.register(fastifyStatic, {
      root: directory,
      // What the build says of itself is nobody's business.
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders: (reply, path) => {
        if (path.endsWith('.html')) void reply.headers(OF_PAGES);
        if (basename(path) === BUTTON) void reply.header('cross-origin-resource-policy', 'cross-origin');
        void reply.header('cache-control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  server.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) throw new ApiError('not-found', 'There is nothing here.', 'The API lies under /v1.');
    if (directory !== undefined) return sendPage(reply);
    throw new ApiError('not-found', 'The console is not built here.', 'npm run build, then start loopd again.');
  });
}

/** Which page it is, the page itself reads from its address. */
function sendPage(reply: FastifyReply): FastifyReply {
  return reply.code(200).sendFile('index.html');
}

function isPage({ method, url, headers }: FastifyRequest): boolean {
  return method === 'GET' && !NO_PAGE.test(url) && (headers.accept ?? '').includes('text/html');
}
