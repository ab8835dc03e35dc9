"""What users of redis-py write, once, as a small service: POST /run answers 500 with what the driver gave for every step."""
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

import workload

SIZE = int(os.environ.get("POOL", "4"))
POOL = redis.BlockingConnectionPool(
    host=os.environ.get("TARGET_HOST", "127.0.0.1"),
    port=int(os.environ.get("TARGET_PORT", "6379")),
    password=os.environ.get("REDIS_PASSWORD") or None,
    protocol=3,
    decode_responses=True,
    client_name="matrix",
    max_connections=SIZE + 6,
    timeout=10,
)


def warm():
    connections = [POOL.get_connection() for _ in range(SIZE)]
    if os.environ.get("REVERSED") == "1":
        connections.reverse()
    for connection in connections:
        POOL.release(connection)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        try:
            self.answer(500, {"driver": "redis-py", "steps": workload.run(redis.Redis(connection_pool=POOL))})
        except Exception as error:  # the harness shows it
            self.answer(501, {"driver": "redis-py", "error": repr(error)})

    def answer(self, status, body):
        data = json.dumps(body, default=plain).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def plain(value):
    return sorted(value) if isinstance(value, (set, frozenset)) else repr(value)


warm()
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
