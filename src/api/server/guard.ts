/** What is refused whoever asks. */
import type { FastifyRequest } from 'fastify';
import { ApiError } from '../error.ts';
import { isButtonPath } from './button.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Throws ApiError `unauthorised` for a host name that is not ours, and for pages of other sites. */
export function guardHost(request: FastifyRequest, { hosts }: { readonly hosts: readonly string[] }): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (![...LOOPBACK, ...hosts].includes(host)) {
    throw new ApiError(
      'unauthorised',
      'This server does not answer to that host name.',
      'Set api.hosts in the configuration of loopd.',
    );
  }
  if (request.headers.origin !== undefined && !isButtonPath(request.url))
    throw new ApiError('unauthorised', 'Pages of other sites may not use this API.');
}
