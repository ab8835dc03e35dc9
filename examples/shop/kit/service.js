import http from 'node:http';
import { HttpError, UpstreamError } from './errors.js';
import { openLedger } from './ledger.js';
import { startSpan } from './trace.js';

const BODY_LIMIT = 1024 * 1024;

/**
 * An HTTP service of JSON routes. A route is `[method, pattern, handler]`; a pattern has `:names`; a handler gets the call and
 * returns `{ status, body }`, or throws HttpError. Resolves once the service listens.
 */
export function startService({ name, port, routes, log, onStop = async () => {} }) {
  const ledger = openLedger(name, process.env.LEDGER);
  const server = http.createServer({ requestTimeout: 15_000, keepAliveTimeout: 65_000 }, (request, response) => {
    answer({ name, routes, log, ledger }, request, response).catch((error) => {
      log.error('connection lost', { error: error.message });
      response.destroy();
    });
  });
  stopOnSignal(server, log, onStop);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, process.env.HOST ?? '127.0.0.1', () => {
      log.info('listening', { port: server.address().port });
      resolve(server);
    });
  });
}

async function answer({ routes, log, ledger }, request, response) {
  const started = performance.now();
  const span = startSpan(request.headers.traceparent);
  const requestId = request.headers['x-request-id'];
  const requestBody = await readBody(request);
  const { status, body, failed = null, error } = await handle(routes, log, { request, requestBody, span, requestId });
  const responseBody = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': responseBody.length });
  const path = request.url;
  if (path !== '/healthz') {
    // Before the answer leaves: whoever has the answer finds it in the ledger.
    ledger.write({ span, requestId, method: request.method, path, status, failed, requestBody, responseBody, error });
    const ms = Math.round(performance.now() - started);
    log.info('answered', { method: request.method, path, status, ms, traceId: span.traceId, requestId });
  }
  response.end(responseBody);
}

async function handle(routes, log, { request, requestBody, span, requestId }) {
  try {
    const url = new URL(request.url, 'http://service');
    const { handler, params } = findRoute(routes, request.method, url.pathname);
    const { authorization } = request.headers;
    const context = { span, requestId, authorization };
    return await handler({
      params,
      query: url.searchParams,
      body: parseBody(requestBody),
      headers: request.headers,
      context,
    });
  } catch (error) {
    return describe(error, log, span);
  }
}

function describe(error, log, span) {
  const { message } = error;
  if (error instanceof HttpError) return { status: error.status, body: { error: message } };
  log.error('request failed', { error: message, stack: error.stack, traceId: span.traceId });
  const passed = error instanceof UpstreamError;
  return { status: passed ? 502 : 500, body: { error: message }, failed: passed ? 'passed' : 'own', error: message };
}

function findRoute(routes, method, path) {
  if (path === '/healthz') return { handler: () => ({ status: 200, body: { ok: true } }), params: {} };
  const parts = path.split('/');
  for (const [routeMethod, pattern, handler] of routes) {
    const params = routeMethod === method ? match(pattern.split('/'), parts) : undefined;
    if (params !== undefined) return { handler, params };
  }
  throw new HttpError(404, `no route for ${method} ${path}`);
}

function match(pattern, parts) {
  if (pattern.length !== parts.length) return undefined;
  const params = {};
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(parts[index]);
    else if (part !== parts[index]) return undefined;
  }
  return params;
}

async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseBody(bytes) {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw new HttpError(400, 'the body is no JSON');
  }
}

function stopOnSignal(server, log, onStop) {
  const stop = () => {
    log.info('stopping');
    server.close(() => {
      onStop().then(
        () => process.exit(0),
        (error) => {
          log.error('stopped with an error', { error: error.message });
          process.exit(1);
        },
      );
    });
    server.closeIdleConnections();
    // Exchanges under way get this long; then the process goes.
    setTimeout(() => process.exit(1), 5000).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
