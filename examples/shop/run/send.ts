import http from 'node:http';
import type { Request, Sent } from './customer.ts';

const PATIENCE_MS = 20_000;

/** One request over kept connections. No answer is an answer too: status 0, the reason as its body. */
export async function sendRequest(entryUrl: string, request: Request): Promise<Sent> {
  const { action, method, path, headers, body } = request;
  const requestBody = body === undefined ? '' : JSON.stringify(body);
  const traceId = headers['traceparent']?.split('-')[1];
  const started = performance.now();
  const answer = await exchange(
    new URL(path, entryUrl),
    { method, headers: withBody(headers, requestBody) },
    requestBody,
  );
  const ms = performance.now() - started;
  return { action, method, path, requestBody, ...answer, ms, ...(traceId === undefined ? {} : { traceId }) };
}

interface Answer {
  readonly status: number;
  readonly responseBody: string;
}

function exchange(url: URL, options: http.RequestOptions, body: string): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (error: Error): void => resolve({ status: 0, responseBody: error.message });
    const request = http.request(url, { ...options, timeout: PATIENCE_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, responseBody: Buffer.concat(chunks).toString() }),
      );
      response.on('error', fail);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${String(PATIENCE_MS)} ms`)));
    request.on('error', fail);
    request.end(body);
  });
}

function withBody(headers: Readonly<Record<string, string>>, body: string): Record<string, string> {
  if (body === '') return { ...headers };
  return { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
}
