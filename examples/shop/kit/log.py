"""Structured log: one JSON object a line on stdout."""

import datetime
import json
import sys


class Log:
    def __init__(self, service: str):
        self._service = service

    def info(self, message: str, **fields):
        self._write("info", message, fields)

    def error(self, message: str, **fields):
        self._write("error", message, fields)

    def _write(self, level: str, message: str, fields: dict):
        time = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        line = json.dumps({"time": time, "level": level, "service": self._service, "message": message, **fields})
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
