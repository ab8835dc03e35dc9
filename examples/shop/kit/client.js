import http from 'node:http';
import { HttpError, UpstreamError } from './errors.js';
import { traceparent } from './trace.js';

/**
 * JSON over HTTP to another service. Node's own agent keeps connections and goes through HTTP_PROXY (the sidecar) when
 * NODE_USE_ENV_PROXY is set. Answers 2xx are returned, 4xx are thrown as HttpError, 5xx and silence as UpstreamError.
 */
export class ServiceClient {
  constructor(service, baseUrl, { timeoutMs = 5000 } = {}) {
    this.service = service;
    this.baseUrl = baseUrl;
    this.timeoutMs = timeoutMs;
  }

  async call(method, path, { span, requestId, authorization, body } = {}) {
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = { accept: 'application/json' };
    if (payload !== undefined)
      Object.assign(headers, { 'content-type': 'application/json', 'content-length': payload.length });
    if (span !== undefined) headers.traceparent = traceparent(span);
    if (requestId !== undefined) headers['x-request-id'] = requestId;
    if (authorization !== undefined) headers.authorization = authorization;
    const answer = await this.#exchange(method, path, headers, payload);
    return this.#read(answer);
  }

  async #exchange(method, path, headers, payload) {
    try {
      return await send(
        new URL(path, this.baseUrl),
        { method, headers, signal: AbortSignal.timeout(this.timeoutMs) },
        payload,
      );
    } catch (error) {
      const reason = error.name === 'AbortError' ? `no answer within ${this.timeoutMs} ms` : error.message;
      throw new UpstreamError(this.service, reason, { cause: error });
    }
  }

  #read({ status, text }) {
    const body = parse(text);
    if (status < 400) return body;
    const message = body?.error ?? text.slice(0, 200);
    if (status < 500) throw new HttpError(status, message);
    throw new UpstreamError(this.service, message || `status ${status}`);
  }
}

function send(url, options, payload) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(payload);
  });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
