/** What is refused whatever is asked: names of hosts that are not ours. Origins are judged with who asks (src/access). */
import type { FastifyRequest } from 'fastify';
import type { Asking } from '../../access/asking.ts';
import { guardHost as guard } from '../../access/guard.ts';
import { inWordsOfApi } from '../tokens.ts';

/** Throws ApiError `forbidden`. */
export function guardHost(request: FastifyRequest, { hosts }: { readonly hosts: readonly string[] }): void {
  inWordsOfApi(() => guard(askingOf(request), { hosts }));
}

export function askingOf({ method, url, headers, ip }: FastifyRequest): Asking {
  const [path = ''] = url.split('?');
  return { method, path, headers, address: ip };
}
