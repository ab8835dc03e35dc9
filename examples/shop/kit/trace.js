import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * The service's own span in the caller's trace, or in a new trace when the caller has none (W3C Trace Context).
 * @param {string | undefined} header the incoming `traceparent`
 */
export function startSpan(header) {
  const match = TRACEPARENT.exec(header ?? '');
  const spanId = randomBytes(8).toString('hex');
  if (match === null) return { traceId: randomBytes(16).toString('hex'), spanId, flags: '01' };
  return { traceId: match[1], parentId: match[2], spanId, flags: match[3] };
}

/** What is sent on: the trace goes on under the service's own span. */
export function traceparent({ traceId, spanId, flags }) {
  return `00-${traceId}-${spanId}-${flags}`;
}
