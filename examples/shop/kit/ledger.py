"""The service's own account of what it answered: one JSON line per request, in the file that LEDGER names."""

import hashlib
import json
import threading
import time


class Ledger:
    def __init__(self, service: str, path: str | None):
        self._service = service
        self._file = open(path, "a", encoding="utf-8") if path else None
        self._lock = threading.Lock()

    def write(self, *, span, request_id, method, path, status, failed, request_body, response_body, error):
        if self._file is None:
            return
        entry = {
            "at": int(time.time() * 1000),
            "service": self._service,
            "traceId": span.trace_id,
            "spanId": span.span_id,
            "requestId": request_id,
            "method": method,
            "path": path,
            "status": status,
            # own: it failed here; passed: it failed further down and was passed on.
            "failed": failed,
            "requestSha256": hashlib.sha256(request_body).hexdigest(),
            "responseSha256": hashlib.sha256(response_body).hexdigest(),
        }
        if error is not None:
            entry["error"] = error
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
