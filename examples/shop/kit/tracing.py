"""W3C Trace Context: the service's own span in its caller's trace."""

import re
import secrets
from typing import NamedTuple

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Span(NamedTuple):
    trace_id: str
    span_id: str
    flags: str

    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


def start_span(header: str | None) -> Span:
    """A span in the trace that the header names, or in a new one."""
    match = _TRACEPARENT.fullmatch(header or "")
    trace_id, flags = (match[1], match[3]) if match else (secrets.token_hex(16), "01")
    return Span(trace_id, secrets.token_hex(8), flags)
