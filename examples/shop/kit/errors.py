class HttpError(Exception):
    """An answer other than 2xx that the service means to give."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status = status


class UpstreamError(Exception):
    """Another service failed us: it answered 5xx, or did not answer."""

    def __init__(self, service: str, message: str):
        super().__init__(f"{service} failed: {message}")
        self.service = service
