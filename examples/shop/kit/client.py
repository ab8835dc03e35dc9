"""JSON over HTTP to another service. urllib goes through http_proxy (the sidecar) when that is set."""

import json
import urllib.error
import urllib.request

from kit.errors import HttpError, UpstreamError
from kit.tracing import Span


class Context:
    """What a request carries and what is sent on with every call made for it."""

    def __init__(self, span: Span, request_id: str | None, authorization: str | None):
        self.span = span
        self.request_id = request_id
        self.authorization = authorization

    def headers(self) -> dict[str, str]:
        headers = {"traceparent": self.span.traceparent(), "x-request-id": self.request_id, "authorization": self.authorization}
        return {name: value for name, value in headers.items() if value is not None}


class ServiceClient:
    def __init__(self, service: str, base_url: str, timeout: float = 5.0):
        self._service = service
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout

    def call(self, method: str, path: str, context: Context, body: object = None) -> object:
        """The body of a 2xx answer. Raises HttpError for 4xx, UpstreamError for 5xx and silence."""
        payload = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base_url + path, data=payload, method=method, headers=context.headers())
        if payload is not None:
            request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            message = _error_of(error)
            if error.code < 500:
                raise HttpError(error.code, message) from error
            raise UpstreamError(self._service, message) from error
        except (OSError, ValueError) as error:
            raise UpstreamError(self._service, str(error)) from error


def _error_of(response: urllib.error.HTTPError) -> str:
    text = response.read().decode(errors="replace")
    try:
        return json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        return text[:200] or f"status {response.code}"
