"""An HTTP service of JSON routes on the standard library."""

import json
import os
import re
import signal
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, NamedTuple

from kit.client import Context
from kit.errors import HttpError, UpstreamError
from kit.ledger import Ledger
from kit.log import Log
from kit.tracing import start_span

_BODY_LIMIT = 1024 * 1024


class Call(NamedTuple):
    params: dict[str, str]
    body: object
    context: Context


class Answer(NamedTuple):
    status: int
    body: object
    failed: str | None = None
    error: str | None = None


Handler = Callable[[Call], tuple[int, object]]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def serve(name: str, routes: list[tuple[str, str, Handler]], log: Log) -> None:
    """Serves until SIGTERM or SIGINT. A route is (method, pattern, handler); a pattern is a regular expression with named groups."""
    compiled = [(method, re.compile(pattern), handler) for method, pattern, handler in routes]
    ledger = Ledger(name, os.environ.get("LEDGER"))

    class RequestHandler(_JsonHandler):
        pass

    RequestHandler.routes, RequestHandler.ledger, RequestHandler.service_log = compiled, ledger, log
    address = (os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
    server = _Server(address, RequestHandler)

    def stop(*_):
        log.info("stopping")
        # shutdown() waits for the loop of serve_forever, which runs in this thread.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    log.info("listening", port=server.server_address[1])
    server.serve_forever(poll_interval=0.1)
    server.server_close()


class _JsonHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 65
    routes: list
    ledger: Ledger
    service_log: Log

    def do_GET(self):
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *_):
        pass

    def _answer(self):
        started = time.monotonic()
        span = start_span(self.headers["traceparent"])
        context = Context(span, self.headers["x-request-id"], self.headers["authorization"])
        request_body = self._read_body()
        answer = self._handle(context, request_body)
        response_body = json.dumps(answer.body).encode()
        if self.path != "/healthz":
            # Before the answer leaves: whoever has the answer finds it in the ledger.
            self.ledger.write(
                span=span,
                request_id=context.request_id,
                method=self.command,
                path=self.path,
                status=answer.status,
                failed=answer.failed,
                request_body=request_body,
                response_body=response_body,
                error=answer.error,
            )
            ms = round((time.monotonic() - started) * 1000)
            seen = {"traceId": span.trace_id, "requestId": context.request_id}
            self.service_log.info("answered", method=self.command, path=self.path, status=answer.status, ms=ms, **seen)
        self.send_response(answer.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(response_body)))
        self.end_headers()
        self.wfile.write(response_body)

    def _handle(self, context: Context, request_body: bytes) -> Answer:
        try:
            if self.path == "/healthz":
                return Answer(200, {"ok": True})
            handler, params = self._route()
            body = json.loads(request_body) if request_body else None
            return Answer(*handler(Call(params, body, context)))
        except HttpError as error:
            return Answer(error.status, {"error": str(error)})
        except json.JSONDecodeError:
            return Answer(400, {"error": "the body is no JSON"})
        except Exception as error:  # the last resort of a request: whatever went wrong is logged and answered
            passed = isinstance(error, UpstreamError)
            self.service_log.error("request failed", error=str(error), stack=traceback.format_exc(), traceId=context.span.trace_id)
            return Answer(502 if passed else 500, {"error": str(error)}, "passed" if passed else "own", str(error))

    def _route(self):
        path = self.path.split("?", 1)[0]
        for method, pattern, handler in self.routes:
            match = pattern.fullmatch(path)
            if method == self.command and match:
                return handler, match.groupdict()
        raise HttpError(404, f"no route for {self.command} {path}")

    def _read_body(self) -> bytes:
        if "chunked" in (self.headers["transfer-encoding"] or ""):
            return b"".join(self._chunks())
        length = int(self.headers["content-length"] or 0)
        return self.rfile.read(min(length, _BODY_LIMIT))

    def _chunks(self):
        while size := int(self.rfile.readline(1024).split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline(2)
        while self.rfile.readline(1024).strip():
            pass
