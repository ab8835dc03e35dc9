"""What users of websockets write, once, as a small service: POST /run answers 500 with what the driver gave for every step."""

import asyncio
import hashlib
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

TARGET = f"ws://{os.environ.get('TARGET_HOST', '127.0.0.1')}:{os.environ.get('TARGET_PORT', '80')}"


def shown(message):
    kind = "text" if isinstance(message, str) else "binary"
    raw = message.encode() if isinstance(message, str) else message
    text = hashlib.sha1(raw).hexdigest() if len(raw) > 200 else raw.decode("latin1")
    return f"{kind} {len(raw)} {text}"


def ended(error):
    received = error.rcvd and [error.rcvd.code, error.rcvd.reason]
    sent = error.sent and [error.sent.code, error.sent.reason]
    return {"type": type(error).__name__, "received": received, "sent": sent}


async def echo(headers, path, messages, **options):
    async with connect(TARGET + path, additional_headers=headers, **options) as socket:
        events = []
        for message in messages:
            await socket.send(message)
            events.append(shown(await socket.recv()))
        extensions = [extension.name for extension in socket.protocol.extensions]
    return {"events": events, "extensions": extensions, "code": socket.close_code, "reason": socket.close_reason}


async def goodbye(headers):
    async with connect(f"{TARGET}/echo?bye=1", additional_headers=headers) as socket:
        await socket.send("bye")
        try:
            await socket.recv()
        except ConnectionClosed as error:
            return ended(error)


async def feed(headers, query):
    events = []
    async with connect(f"{TARGET}/feed?{query}", additional_headers=headers) as socket:
        try:
            async for message in socket:
                events.append(shown(message))
        except ConnectionClosed as error:
            events.append(ended(error))
        events.append(socket.close_code)
    return events


async def fragments(headers):
    async with connect(f"{TARGET}/feed?count=2&fragments=4&size=3", additional_headers=headers, compression=None) as socket:
        messages = []
        for _ in range(3):
            messages.append([piece async for piece in socket.recv_streaming()])
        await socket.wait_closed()
    return messages


async def refused(headers):
    try:
        async with connect(f"{TARGET}/refused", additional_headers=headers):
            pass
    except InvalidStatus as error:
        return [error.response.status_code, error.response.body.decode()]


async def ping(headers):
    async with connect(f"{TARGET}/rooms?room=ping", additional_headers=headers) as socket:
        pong = await socket.ping("mine")
        await pong
        await socket.send('{"ask":"ping"}')
        return shown(await socket.recv())


async def room(headers, name):
    options = {"additional_headers": headers, "subprotocols": ["other", "rooms.v2"]}
    async with connect(f"{TARGET}/rooms?room={name}", **options) as socket:
        answers = []
        for ask in ("who", "what"):
            await socket.send(json.dumps({"ask": ask}))
            answers.append(json.loads(await socket.recv()))
        return {"room": name, "subprotocol": socket.subprotocol, "answers": answers}


async def rooms(headers):
    names = ["attic", "cellar", "hall", "kitchen"]
    ordered = names[::-1] if os.environ.get("REVERSED") == "1" else names
    answers = await asyncio.gather(*(room(headers, name) for name in ordered))
    return sorted(answers, key=lambda answer: answer["room"])


async def workload(headers):
    steps = [
        ("echo, packed", lambda: echo(headers, "/echo", ["one and one", "one and one again", "zwölf"])),
        ("echo, plain", lambda: echo(headers, "/echo?plain=1", [b"\0\xff", b"7" * 100_000], compression=None)),
        ("sent in fragments", lambda: echo(headers, "/echo?fragments=1", [["a", "b", "c"], "d"])),
        ("the server leaves", lambda: goodbye(headers)),
        ("a feed", lambda: feed(headers, "count=5")),
        ("a feed that fails", lambda: feed(headers, "count=2&code=1011")),
        ("a feed that breaks off", lambda: feed(headers, "count=1&code=1006")),
        ("received in fragments", lambda: fragments(headers)),
        ("refused", lambda: refused(headers)),
        ("pings", lambda: ping(headers)),
        ("rooms at once", lambda: rooms(headers)),
    ]
    return [{"name": name, "result": await run()} for name, run in steps]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        trace = self.headers.get("traceparent")
        try:
            steps = asyncio.run(workload({"traceparent": trace} if trace else {}))
            self.answer(500, {"driver": "python-websockets", "steps": steps})
        except Exception as error:  # what the harness is to read
            self.answer(501, {"error": repr(error)})

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler).serve_forever()
