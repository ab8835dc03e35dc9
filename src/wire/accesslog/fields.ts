/** Field numbers of what is read, as in protos/access_log.proto and protos/access_log_entry.proto. */

export const EntryField = { common: 1, protocol: 2, request: 3, response: 4 } as const;

export const CommonField = {
  remote: 2,
  local: 3,
  startTime: 5,
  upstream: 13,
  cluster: 15,
  flags: 16,
  failureReason: 18,
  route: 19,
  duration: 23,
  attempts: 24,
  termination: 25,
  streamId: 26,
  type: 33,
} as const;

export const RequestField = { method: 1, scheme: 2, authority: 3, path: 5, headers: 13 } as const;

export const ResponseField = { code: 1, bodyBytes: 3, headers: 4, trailers: 5, details: 6 } as const;
