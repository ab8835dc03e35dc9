/** Reason phrases of RFC 9110 section 15.6 and of the registered extensions; empty for any other status. */
const PHRASES: ReadonlyMap<number, string> = new Map([
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
  [507, 'Insufficient Storage'],
  [508, 'Loop Detected'],
  [511, 'Network Authentication Required'],
]);

export function phraseOf(status: number | undefined): string {
  return (status !== undefined && PHRASES.get(status)) || '';
}

/**
 * Envoy's response code details for people: the innermost cause, e.g. `connection refused` of
 * `upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}`.
 * Empty for `via_upstream`, which only says that the status is the upstream's.
 */
export function readableDetails(details: string): string {
  // …|TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:… and what was compared.
  const tls = /OPENSSL_internal:(\w+)/.exec(details)?.[1];
  if (tls !== undefined) return `TLS: ${tls.replaceAll('_', ' ').toLowerCase()}`;
  const [outer = '', inner = ''] = details.split(/[{}[\]]/);
  const cause = inner.split(/[|:]/).findLast((text) => text !== '') ?? '';
  const text = (cause === '' ? outer : cause).replaceAll('_', ' ').trim().toLowerCase();
  return text === 'via upstream' ? '' : text;
}
