/** Who is asked, by what the caller wrote. A caller that dials its sidecar's own listener names nobody: Envoy's cluster does. */
export function splitAuthority(
  authority: string,
  cluster: string | undefined,
  defaultPort: number,
): { readonly name: string; readonly port: number } {
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  const own = host === '' || host === 'localhost' || /^127\.|^\[::1\]$/.test(host);
  return {
    name: (own ? (cluster ?? host) : host).toLowerCase(),
    port: port === undefined ? defaultPort : Number(port),
  };
}
