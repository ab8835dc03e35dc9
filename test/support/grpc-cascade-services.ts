/**
 * Three gRPC services of which the last may be told, by the SKU, how to fail: gateway in Node asks orders in Python, which asks rates in Node.
 * Each writes into one ledger what was asked of it and what it said, a line of JSON each.
 *
 * A SKU is words: `rates:INTERNAL via:slow swallowed:orders`. `<service>:<deeds>` is what that service does instead of asking on: deeds joined
 * by `+`, one after the other: `headers`, `message`, `throws`, `reset`, `hangs`, or the status it ends with. Of deeds separated by commas each
 * repeat of the call does the next. `via` names the host that orders asks, `within` its deadline in seconds, `swallowed` who answers well all the
 * same, `as` the status orders makes of a failure, `method` a method nobody has.
 */
import { fileURLToPath } from 'node:url';

const GRPC_JS = fileURLToPath(import.meta.resolve('@grpc/grpc-js'));

const NODE = `
import { appendFileSync } from 'node:fs';
import http2 from 'node:http2';
import grpc from '${GRPC_JS}';

// grpc-js hides the HTTP/2 stream of a call, and only that can be reset.
const streams = new Map();
const createServer = http2.createServer;
http2.createServer = (...options) => createServer(...options).on('stream', (stream, headers) => streams.set(headers.traceparent, stream));

// A client that reads a message and a reset at once may keep the message to itself.
const A_MOMENT_MS = 100;

const same = (bytes) => bytes;
const turns = new Map();

/** One call: what it shall do, and its lines in the ledger. */
class Asked {
  constructor(service, call) {
    this.service = service;
    this.call = call;
    this.traceparent = String(call.metadata.get('traceparent')[0]);
    this.plan = Object.fromEntries(call.request.subarray(2).toString().split(' ').map((word) => word.split(':')));
    this.note({ event: 'asked' });
    call.on('cancelled', () => this.over || this.note({ event: 'left' }));
  }

  note(entry) {
    appendFileSync(process.env.LEDGER, JSON.stringify({ service: this.service, trace: this.traceparent.split('-')[1], ...entry }) + '\\n');
  }

  say(code, details) {
    this.over = true;
    this.note({ event: 'said', code });
    if (code === 0) this.call.end();
    else this.call.emit('error', { code, details });
  }

  /** This turn's deeds; undefined where it has none of its own. */
  deeds() {
    const all = this.plan[this.service]?.split(',');
    const turn = turns.get(this.traceparent) ?? 0;
    turns.set(this.traceparent, turn + 1);
    return all?.[Math.min(turn, all.length - 1)].split('+');
  }

  do([deed, ...rest]) {
    if (deed === 'hangs') return;
    if (deed === 'headers') this.call.sendMetadata(new grpc.Metadata());
    else if (deed === 'message') return this.call.write(this.call.request, () => this.do(rest));
    else if (deed === 'reset') return setTimeout(() => streams.get(this.traceparent).close(http2.constants.NGHTTP2_INTERNAL_ERROR), A_MOMENT_MS);
    else if (deed === 'throws') {
      this.over = true;
      this.note({ event: 'said', code: 2 });
      throw new Error('nobody thought of this');
    } else return this.say(grpc.status[deed] ?? Number(deed), this.service + ' says ' + deed);
    this.do(rest);
  }
}

function serve(path, handle) {
  const server = new grpc.Server();
  server.register(path, handle, same, same, 'serverStream');
  server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), (error, port) => console.log(port));
}
`;

export const RATES = `${NODE}
serve('/shop.Rates/Quote', (call) => {
  const asked = new Asked('rates', call);
  asked.do(asked.deeds() ?? ['message', 'OK']);
});
`;

export const GATEWAY = `${NODE}
const orders = new grpc.Client('orders.test:50051', grpc.credentials.createInsecure());

serve('/shop.Gateway/Checkout', (call) => {
  const asked = new Asked('gateway', call);
  const deeds = asked.deeds();
  if (deeds !== undefined) return asked.do(deeds);
  const metadata = new grpc.Metadata();
  metadata.set('traceparent', asked.traceparent);
  const answer = orders.makeServerStreamRequest('/shop.Orders/' + (asked.plan.method ?? 'Checkout'), same, same, call.request, metadata);
  call.on('cancelled', () => answer.cancel());
  answer.on('data', (message) => call.write(message)).on('error', () => undefined).on('status', ({ code, details }) => {
    if (call.cancelled) return;
    asked.say(asked.plan.swallowed === 'gateway' ? 0 : code, 'orders said: ' + details);
  });
});
`;

export const ORDERS = `
import json, os, threading
from concurrent import futures
import grpc

ledger = open(os.environ["LEDGER"], "a", buffering=1)
hosts = ("rates", "slow", "flaky", "gone", "impostor", "foreign")
quotes = {host: grpc.insecure_channel(host + ".example.test:443").unary_stream("/shop.Rates/Quote") for host in hosts}

class Asked:
    def __init__(self, request, context):
        self.request = request
        self.context = context
        self.trace = [(name, value) for name, value in context.invocation_metadata() if name == "traceparent"]
        self.plan = dict(word.split(":") for word in request[2:].decode().split(" "))
        self.said = False
        self.ended = threading.Event()
        self.note(event="asked")
        context.add_callback(self.end)

    def note(self, **entry):
        trace = self.trace[0][1].split("-")[1]
        ledger.write(json.dumps({"service": "orders", "trace": trace, **entry}) + "\\n")

    def end(self):
        if not self.said:
            self.note(event="left")
        self.ended.set()

    def say(self, code, details=""):
        if not self.ended.is_set():
            self.said = True
            self.note(event="said", code=code.value[0])
        if code is not grpc.StatusCode.OK:
            self.context.abort(code, details)

    def do(self, deeds):
        for deed in deeds:
            if deed == "hangs":
                self.ended.wait()
                return
            elif deed == "headers":
                self.context.send_initial_metadata(())
            elif deed == "message":
                yield self.request
            elif deed == "throws":
                self.said = True
                self.note(event="said", code=2)
                raise ValueError("nobody thought of this")
            else:
                self.say(grpc.StatusCode[deed], "orders says " + deed)

def checkout(request, context):
    asked = Asked(request, context)
    plan = asked.plan
    if "orders" in plan:
        yield from asked.do(plan["orders"].split("+"))
        return
    answer = quotes[plan.get("via", "rates")](request, metadata=asked.trace, timeout=float(plan.get("within", 60)))
    context.add_callback(answer.cancel)
    try:
        yield from answer
    except grpc.RpcError as error:
        if plan.get("swallowed") != "orders":
            code = grpc.StatusCode[plan["as"]] if "as" in plan else error.code()
            asked.say(code, "rates said: " + error.details())
    asked.say(grpc.StatusCode.OK)

server = grpc.server(futures.ThreadPoolExecutor(8))
checkout = grpc.unary_stream_rpc_method_handler(checkout)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.Orders", {"Checkout": checkout}),))
port = server.add_insecure_port("127.0.0.1:" + os.environ["PORT"])
server.start()
print(port, flush=True)
server.wait_for_termination()
`;
