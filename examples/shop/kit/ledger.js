import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/**
 * The service's own account of what it answered: one JSON line per request, in the file that LEDGER names. Tests compare it
 * with what was recorded on the wire.
 */
export function openLedger(service, file) {
  if (file === undefined || file === '') return { write() {} };
  return {
    write({ span, requestId, method, path, status, failed, requestBody, responseBody, error }) {
      const entry = {
        at: Date.now(),
        service,
        traceId: span.traceId,
        spanId: span.spanId,
        requestId,
        method,
        path,
        status,
        // own: it failed here; passed: it failed further down and was passed on.
        failed,
        requestSha256: sha256(requestBody),
        responseSha256: sha256(responseBody),
        error,
      };
      appendFileSync(file, `${JSON.stringify(entry)}\n`);
    },
  };
}

function sha256(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}
