import type { Endpoint } from '../../../src/api/contract/endpoints.ts';

export type Input = Readonly<Record<string, unknown>>;

export interface Request {
  readonly method: Endpoint['method'];
  /** With query. */
  readonly url: string;
  /** JSON text. */
  readonly body?: string;
}

/** Where each part of an input goes: into the path by its name, else into the query of a GET or DELETE, else into the body. */
export function requestOf({ method, path }: Endpoint, input: Input): Request {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    return encodeURIComponent(typeof value === 'string' ? value : '');
  });
  if (method === 'POST') return { method, url: filled, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams([...rest].map(([name, value]) => [name, String(value)]));
  return { method, url: query.size === 0 ? filled : `${filled}?${query}` };
}
