/** A request, as far as it tells who asks. */
export interface Asking {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of the peer of the connection: no header is believed about it. */
  readonly address: string;
}

/** The one value of a header; undefined when it was sent twice, because two readers may take different ones. */
export function headerOf({ headers }: Asking, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** Values of all cookies of that name: a page of another port may have planted one beside ours. */
export function cookiesOf(asking: Asking, name: string): readonly string[] {
  return (headerOf(asking, 'cookie') ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=');
    return pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : [];
  });
}

/** `host` and `port` as the Host header has them; the port is empty where it is the usual one. */
export function hostOf(asking: Asking): { readonly name: string; readonly port: string } | undefined {
  const found = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(headerOf(asking, 'host') ?? '');
  if (found === null) return undefined;
  return { name: (found[1] ?? '').replace(/^\[|\]$/g, '').toLowerCase(), port: found[2] ?? '' };
}
