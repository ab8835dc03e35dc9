/**
 * Headers of a connection, not of what it carries (RFC 9110 section 7.6.1; RFC 9113 section 8.2.2): those of a recorded connection say nothing
 * true of the one at hand. `te` is not among them: over HTTP/2 gRPC servers ask for `te: trailers`.
 */
export const CONNECTION_HEADERS: readonly string[] = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
  'http2-settings',
];
