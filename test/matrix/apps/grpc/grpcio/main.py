"""A service on grpcio, with threads and with asyncio. POST /run does all of it and says what the driver gave."""

import asyncio
import json
import os
import queue
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from google.protobuf.wrappers_pb2 import StringValue

TARGET = f"{os.environ['TARGET_HOST']}:{os.environ['TARGET_PORT']}"
POOL = int(os.environ["POOL"])
REVERSED = os.environ.get("REVERSED") == "1"
LOCAL = [("grpc.use_local_subchannel_pool", 1)]


class Stub:
    def __init__(self, channel):
        def made(kind, name):
            return kind("/matrix.Streams/" + name, StringValue.SerializeToString, StringValue.FromString)

        self.ask = made(channel.unary_unary, "Ask")
        self.list = made(channel.unary_stream, "List")
        self.upload = made(channel.stream_unary, "Upload")
        self.chat = made(channel.stream_stream, "Chat")


def text(value):
    return StringValue(value=value)


def short(message):
    return message.value if len(message.value) <= 100 else f"{message.value[:20]}… {len(message.value)}"


def ended(code, details, trailing, messages, initial=()):
    # The driver says in its own words that it was too late, or left.
    own = code in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
    return {
        "messages": messages,
        "code": code.name,
        "details": "" if own else details,
        "served": [value for name, value in initial or () if name == "x-served-by"],
        "sent": [value for name, value in trailing or () if name == "x-messages"],
    }


def read(call, each=lambda messages: None):
    messages = []
    try:
        for message in call:
            messages.append(short(message))
            each(messages)
    except grpc.RpcError:
        pass
    return ended(call.code(), call.details(), call.trailing_metadata(), messages, call.initial_metadata())


def whole(call):
    try:
        message, done = call()
        return ended(done.code(), done.details(), done.trailing_metadata(), [short(message)])
    except grpc.RpcError as error:
        return ended(error.code(), error.details(), error.trailing_metadata(), [])


class Said:
    """What a client says by and by."""

    def __init__(self, *first):
        self.queue = queue.Queue()
        for value in first:
            self.say(value)

    def say(self, value):
        self.queue.put(value)

    def end(self):
        self.queue.put(None)

    def __iter__(self):
        return self

    def __next__(self):
        value = self.queue.get()
        if value is None:
            raise StopIteration
        return text(value)


def turn_by_turn(stub, meta):
    said = Said("one")
    call = stub.chat(said, metadata=meta)
    rest = ["two", "three"]

    def each(_):
        if rest:
            said.say(rest.pop(0))
        else:
            said.end()

    return read(call, each)


def greeted(stub, meta):
    said = Said()
    call = stub.chat(said, metadata=(*meta, ("x-greet", "yes")))
    head = [value for name, value in call.initial_metadata() if name == "x-served-by"]
    said.say("thanks")
    said.end()
    return [head, read(call)]


def left(stub, meta):
    said = Said("stay")
    call = stub.chat(said, metadata=meta)
    told = read(call, lambda _: call.cancel())
    said.end()
    return told


def stopped(stub, meta):
    said = Said("a", "stop")
    told = whole(lambda: stub.upload.with_call(said, metadata=meta))
    said.end()
    return told


def slowly(messages):
    if len(messages) % 10 == 0:
        time.sleep(0.02)


def listing(asked, **options):
    return lambda stub, meta: read(stub.list(text(asked), metadata=meta, **options))


def uploading(*values, **options):
    return lambda stub, meta: whole(lambda: stub.upload.with_call(map(text, values), metadata=meta, **options))


def cancelled(stub, meta):
    call = stub.list(text("count=3 gap=2 end=hangs"), metadata=meta)
    return read(call, lambda messages: len(messages) == 3 and call.cancel())


STEPS = {
    "ask": lambda stub, meta: whole(lambda: stub.ask.with_call(text("hello"), metadata=meta)),
    "list": listing("count=10 gap=3"),
    "list, empty": listing("count=0"),
    "list, an error in its trailers": listing("count=3 gap=2 end=RESOURCE_EXHAUSTED"),
    "list, an error at once": listing("count=0 end=INTERNAL"),
    "list, reset": listing("count=2 gap=20 end=reset"),
    "list, cancelled": cancelled,
    "list, too late": listing("count=1 end=hangs", timeout=0.7),
    "list, large": listing("count=4 size=300000"),
    "list, a slow reader": lambda stub, meta: read(stub.list(text("count=40 size=20000"), metadata=meta), slowly),
    "upload": uploading("a", "b", "c", "", "ü" * 100),
    "upload, large": uploading("x" * 400_000, "y" * 200_000),
    "upload, packed": uploading("z" * 5000, "short", compression=grpc.Compression.Gzip),
    "upload, ended by the server": stopped,
    "chat, turn by turn": turn_by_turn,
    "chat, all at once": lambda stub, meta: read(
        stub.chat(map(text, [*(f"silent {n}" for n in range(20)), "aloud"]), metadata=meta)
    ),
    "chat, quit": lambda stub, meta: read(stub.chat(map(text, ["hello", "quit"]), metadata=meta)),
    "chat, the server first": greeted,
    "chat, left": left,
}


async def one_of_many(stub, meta, index):
    call = stub.chat(metadata=(*meta, ("x-room", str(index % 2))))
    heard = []
    for value in ("join", f"room {index % 3}", f"guest {index}"):
        await call.write(text(value))
        heard.append(short(await call.read()))
    await call.done_writing()
    while (message := await call.read()) is not grpc.aio.EOF:
        heard.append(short(message))
    listed = [short(message) async for message in stub.list(text(f"count={index + 1} gap=1"), metadata=meta)]
    return [heard, listed, (await call.code()).name]


async def many(meta):
    async with grpc.aio.insecure_channel(TARGET, options=LOCAL) as channel:
        stub = Stub(channel)
        return await asyncio.gather(*(one_of_many(stub, meta, index) for index in range(6)))


def run(channels, trace):
    meta = (("traceparent", trace),)
    stubs = [Stub(channel) for channel in channels]
    steps = [{"name": name, "result": work(stubs[i % len(stubs)], meta)} for i, (name, work) in enumerate(STEPS.items())]
    order = list(range(4))
    with ThreadPoolExecutor(4) as threads:
        chats = threads.map(lambda i: turn_by_turn(stubs[i % len(stubs)], meta), reversed(order) if REVERSED else order)
        steps.append({"name": "threads", "result": list(chats)})
    steps.append({"name": "asyncio", "result": asyncio.run(many(meta))})
    return steps


CHANNELS = [grpc.insecure_channel(TARGET, options=LOCAL) for _ in range(POOL)]
for one in reversed(CHANNELS) if REVERSED else CHANNELS:
    grpc.channel_ready_future(one).result(timeout=20)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(200, {})

    def do_POST(self):
        self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            self.answer(500, {"driver": "grpcio", "steps": run(CHANNELS, self.headers.get("traceparent", ""))})
        except Exception:
            traceback.print_exc()
            self.answer(501, {"driver": "grpcio", "error": traceback.format_exc()})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
