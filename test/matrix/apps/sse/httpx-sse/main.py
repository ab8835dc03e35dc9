"""What users of httpx-sse write, once, as a small service: POST /run answers 500 with what the driver gave for every step."""

import asyncio
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from httpx_sse import SSEError, aconnect_sse, connect_sse

TARGET = f"http://{os.environ.get('TARGET_HOST', '127.0.0.1')}:{os.environ.get('TARGET_PORT', '80')}"


def shown(event):
    return [event.event, event.data, event.id, event.retry]


def listen(client, query):
    """Goes on behind what it has, until the event `done`."""
    events, last = [], ""
    while True:
        headers = {"Last-Event-ID": last} if last else {}
        try:
            with connect_sse(client, "GET", f"{TARGET}/events?{query}", headers=headers) as source:
                for event in source.iter_sse():
                    events.append(shown(event))
                    last = event.id or last
            events.append("end")
        except httpx.RemoteProtocolError as error:
            events.append([type(error).__name__, str(error)])
        if events[-2][0] == "done":
            return events


async def listen_async(client, name):
    async with aconnect_sse(client, "GET", f"{TARGET}/events?total=3&each=3&of={name}") as source:
        return {"name": name, "events": [shown(event) async for event in source.aiter_sse()]}


async def several(headers):
    names = ["a", "b", "c", "d"]
    ordered = names[::-1] if os.environ.get("REVERSED") == "1" else names
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        answers = await asyncio.gather(*(listen_async(client, name) for name in ordered))
    return sorted(answers, key=lambda answer: answer["name"])


def not_events(client):
    try:
        with connect_sse(client, "GET", f"{TARGET}/download?kib=1") as source:
            return [shown(event) for event in source.iter_sse()]
    except SSEError as error:
        return str(error)


def workload(headers):
    with httpx.Client(headers=headers, trust_env=False) as client:
        steps = [
            ("a stream", lambda: listen(client, "total=4&each=4")),
            ("one that ends, and goes on", lambda: listen(client, "total=7&each=3")),
            ("one that breaks off, and goes on", lambda: listen(client, "total=5&each=2&cut=1")),
            ("several at once", lambda: asyncio.run(several(headers))),
            ("what is no event stream", lambda: not_events(client)),
        ]
        return [{"name": name, "result": run()} for name, run in steps]


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
            self.answer(500, {"driver": "httpx-sse", "steps": workload({"traceparent": trace} if trace else {})})
        except Exception as error:  # what the harness is to read
            self.answer(501, {"error": repr(error)})

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler).serve_forever()
