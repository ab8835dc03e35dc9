"""checkout and stock: small services on Python. Checkout passes no context on; stock calls nobody."""

import itertools
import json
import os
import random
import threading
import time
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROLE = os.environ["ROLE"]
OUTBOUND = int(os.environ.get("OUTBOUND", "0"))
FAULTS = os.environ["FAULTS"]
_served = itertools.count(1)
_lock = threading.Lock()


class Failed(Exception):
    pass


def note(**entry):
    line = json.dumps({"service": ROLE, "at": time.time() * 1000, **entry})
    with _lock, open(os.environ["LEDGER"], "a", encoding="utf8") as ledger:
        ledger.write(line + "\n")


def think(low, high):
    time.sleep(random.uniform(low, high) / 1000)


def fault():
    """The one fault that waits for this service, once."""
    path = f"{FAULTS}/{ROLE}"
    try:
        os.rename(path, path + ".taken")
    except OSError:
        return {}
    with open(path + ".taken", encoding="utf8") as taken:
        return json.load(taken)


def call(inbound, peer, method, path, body=None):
    connection = HTTPConnection("127.0.0.1", OUTBOUND, timeout=5)
    connection.connect()
    note(kind="call", inbound=inbound, port=connection.sock.getsockname()[1], to=peer, path=path)
    headers = {"Host": f"{peer}.mesh", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode()
    except (OSError, HTTPException) as error:
        raise Failed(f"{peer}: {type(error).__name__}") from error
    finally:
        connection.close()
    if response.status >= 500:
        raise Failed(f"{peer} answered {response.status}: {text[:200]}")
    answer = json.loads(text)
    if "error" in answer:
        raise Failed(f"{peer} reported {answer['error']}")
    return answer


def checkout(inbound, kind, order):
    think(10, 50)
    if kind == "ghost":
        call(inbound, "ghost", "GET", f"/fraud/{order['customer']}")
    if kind == "retry-then-fail":
        try:
            call(inbound, "ghost", "GET", f"/fraud/{order['customer']}")
        except Failed:
            call(inbound, "stock", "GET", f"/stock/{order['items'][0]['sku']}?quantity=1")
        call(inbound, "stock", "GET", f"/stock/none?order={order['order']}")
    for item in order["items"]:
        try:
            call(inbound, "stock", "GET", f"/stock/{item['sku']}?quantity={item['quantity']}")
        except Failed as failed:
            if "E_SOFT" not in str(failed):
                raise
        think(3, 20)
    quote = call(inbound, "pricing", "POST", "/quotes", {"customer": order["customer"], "items": order["items"]})
    think(3, 20)
    try:
        call(inbound, "stock", "POST", "/reservations", {"quote": quote["quote"], "lines": len(order["items"])})
    except Failed as failed:
        if "E_SOFT" not in str(failed):
            raise
    return {"order": order["order"], "quote": quote["quote"], "total": quote["total"]}


def stock(_inbound, kind, path):
    think(10, 40)
    if path.startswith("/stock/none"):
        raise Failed("no such article")
    if kind == "soft":
        raise Failed("E_SOFT count is stale")
    name = path.split("?")[0].split("/")[-1]
    return {"article": name, "available": random.randint(1, 90), "shelf": f"s-{random.randint(1, 12)}"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        inbound = f"{ROLE}#{next(_served)}"
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        found = {} if self.path == "/stock/health" else fault()
        more = {"fault": found["id"]} if found else {}
        note(kind="inbound", inbound=inbound, requestId=self.headers["x-request-id"], path=self.path, **more)
        kind = found.get("kind")
        try:
            if kind == "timeout":
                time.sleep(1.7)
            if kind == "500":
                raise Failed(f"no such shard in {ROLE}")
            result = checkout(inbound, kind, json.loads(body)) if ROLE == "checkout" else stock(inbound, kind, self.path)
            if kind == "reset":
                self.close_connection = True
                self.connection.close()
                return
            if kind == "cut":
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", "4096")
                self.end_headers()
                self.wfile.write(json.dumps(result).encode()[:20])
                self.wfile.flush()
                time.sleep(0.03)
                self.close_connection = True
                return
            if kind == "error-in-200":
                result = {"error": {"code": "E_RULES", "message": "rule set is empty"}}
            self.answer(inbound, 200, result)
        except Failed as failed:
            self.answer(inbound, 500, {"error": f"{ROLE}: {failed}"})
        except OSError:
            self.close_connection = True

    do_POST = do_GET

    def answer(self, inbound, status, body):
        note(kind="answer", inbound=inbound, status=status)
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def poll():
    while True:
        time.sleep(0.5)
        try:
            call(None, "stock", "GET", "/stock/health")
        except (Failed, OSError, ValueError):
            pass


if ROLE == "checkout":
    threading.Thread(target=poll, daemon=True).start()
server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
print("ready", flush=True)
server.serve_forever(poll_interval=0.1)
