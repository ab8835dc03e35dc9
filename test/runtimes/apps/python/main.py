"""The service of the table, in Python. POST /run asks everybody once and answers 500; what it says of itself goes to stdout."""

import http.client
import json
import os
import socket
import ssl
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import grpc
import psycopg
import redis
from google.protobuf.wrappers_pb2 import StringValue

ENV = os.environ
cache = redis.Redis(host=ENV["CACHE_HOST"], port=int(ENV["CACHE_PORT"]), password=ENV["CACHE_PASSWORD"], protocol=2)
channel = grpc.insecure_channel(ENV["STREAMS"])
ask = channel.unary_unary("/matrix.Streams/Ask", StringValue.SerializeToString, StringValue.FromString)


def fetched(url, traceparent):
    parts = urlsplit(url)
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, context=ssl.create_default_context())
        connection.connect()
        print(f"tls true {connection.sock.getpeercert()['subjectAltName']}", flush=True)
    else:
        connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", parts.path, headers={"traceparent": traceparent})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def dialled(target):
    host, port = target.split(":")
    try:
        socket.create_connection((host, int(port)), 3).close()
        return "answered"
    except OSError as error:
        return type(error).__name__


def run(traceparent):
    print(f"clock {round(time.time() * 1000)}", flush=True)
    rate = fetched(f"http://{ENV['RATES']}/v1/rate", traceparent)
    echo = ask(StringValue(value="mug"), metadata=[("traceparent", traceparent)]).value
    with psycopg.connect(host=ENV["DB_HOST"], port=ENV["DB_PORT"]) as db:
        total = db.execute("select %s::int + 17 as total", [4200]).fetchone()[0]
    cache.set("total", str(total))
    cached = cache.get("total").decode()
    secure = fetched(f"{ENV['SECURE']}/v1/rate", traceparent)
    for target in ENV.get("EXTRA", "").split():
        print(f"dial {target} {dialled(target)}", flush=True)
    steps = {"rate": rate, "echo": echo, "total": total, "cached": cached, "secure": secure}  # BREAK
    return {"error": "the rate is no number", "steps": steps}


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        try:
            self.answer(500, run(self.headers["traceparent"]))
        except Exception as error:
            self.answer(501, {"error": repr(error)})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", int(ENV["PORT"])), Service).serve_forever()
