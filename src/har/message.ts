/** The two sides of an exchange, as an HTTP archive has them. */
import { STATUS_CODES } from 'node:http';
import type { Request, Response } from 'har-format';
import { header } from '../domain/exchange.ts';
import type { ExchangeView, MessageView } from '../seal/view-schema.ts';
import { harContent, harPostData } from './body.ts';
import { requestCookies, responseCookies } from './cookies.ts';
import { queryOf, urlOf } from './url.ts';

export function harRequest(exchange: ExchangeView): Request {
  const { method, protocol, request } = exchange;
  const postData = request && harPostData(request);
  const url = urlOf(exchange);
  return {
    method,
    url,
    httpVersion: protocol.toUpperCase(),
    cookies: requestCookies(request?.headers ?? []),
    headers: headersOf(request),
    queryString: queryOf(url),
    ...(postData !== undefined && { postData }),
    headersSize: -1,
    bodySize: sizeOf(request),
    ...(request === undefined && { comment: 'not recorded: the exchange was answered in front of the recorder' }),
  };
}

/** Without an answer: status 0, as browsers have it. */
export function harResponse({ protocol, status, response }: ExchangeView): Response {
  return {
    status: status ?? 0,
    statusText: STATUS_CODES[status ?? 0] ?? '',
    httpVersion: protocol.toUpperCase(),
    cookies: responseCookies(response?.headers ?? []),
    headers: headersOf(response),
    content: harContent(response),
    redirectURL: (response && header(response.headers, 'location')) ?? '',
    headersSize: -1,
    bodySize: sizeOf(response),
    ...(response === undefined && { comment: 'there was no answer' }),
  };
}

/** Pseudo headers are the request line; of HTTP/1.1 Envoy shows them too. */
function headersOf(message: MessageView | undefined): { name: string; value: string }[] {
  const headers = message?.headers ?? [];
  const authority = header(headers, ':authority');
  const host =
    authority === undefined || header(headers, 'host') !== undefined ? [] : [{ name: 'host', value: authority }];
  return [...host, ...headers.filter(({ name }) => !name.startsWith(':')).map(({ name, value }) => ({ name, value }))];
}

/** On the wire, before decompression. */
function sizeOf(message: MessageView | undefined): number {
  if (message === undefined) return -1;
  return message.body.kind === 'empty' ? 0 : message.body.bytes;
}
