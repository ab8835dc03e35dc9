/** What users of ws write, once, as a small service: POST /run answers 500 with what the driver gave for every step. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';

const target = `ws://${process.env['TARGET_HOST'] ?? '127.0.0.1'}:${process.env['TARGET_PORT'] ?? '80'}`;

type Say = (socket: WebSocket, heard: string) => void;

/** Everything a socket told, in order, until it closed. */
async function talk(path: string, headers: object, say: Say, more: ClientOptions & { protocols?: string[] } = {}) {
  const { protocols = [], ...options } = more;
  const socket = new WebSocket(`${target}${path}`, protocols, { headers: { ...headers }, ...options });
  const events: string[] = [];
  socket.on('open', () => {
    events.push(`open ${socket.protocol} ${socket.extensions}`);
    say(socket, 'open');
  });
  socket.on('message', (data: Buffer, binary) => {
    const text = data.length > 200 ? createHash('sha1').update(data).digest('base64') : data.toString();
    events.push(`${binary ? 'binary' : 'text'} ${data.length} ${text}`);
    say(socket, text);
  });
  socket.on('ping', (data) => events.push(`ping ${data.toString()}`));
  socket.on('pong', (data) => {
    events.push(`pong ${data.toString()}`);
    say(socket, 'pong');
  });
  socket.on('error', (error) => events.push(`error ${error.message}`));
  const closed = new Promise<void>((resolve) => {
    socket.on('close', (code, reason) => {
      events.push(`close ${code} ${reason.toString()}`);
      resolve();
    });
  });
  await closed;
  return events;
}

const quiet: Say = () => undefined;

function turns(...lines: readonly (string | Buffer)[]): Say {
  const left = [...lines];
  return (socket) => {
    const next = left.shift();
    if (next === undefined) socket.close(1000, 'enough');
    else socket.send(next);
  };
}

async function rooms(headers: object) {
  const names = ['attic', 'cellar', 'hall', 'kitchen'];
  const ordered = process.env['REVERSED'] === '1' ? names.toReversed() : names;
  const asks = ['{"ask":"who"}', '{"ask":"what"}'];
  const all = ordered.map(async (room) => {
    const path = `/rooms?room=${room}`;
    return { room, events: await talk(path, headers, turns(...asks), { protocols: ['other', 'rooms.v2'] }) };
  });
  return (await Promise.all(all)).toSorted((one, other) => one.room.localeCompare(other.room));
}

async function workload(headers: object): Promise<readonly object[]> {
  const steps: object[] = [];
  const step = async (name: string, run: () => Promise<unknown>): Promise<void> =>
    void steps.push({ name, result: await run() });
  const plain = { perMessageDeflate: false };
  await step('echo, packed', () => talk('/echo', headers, turns('one and one', 'one and one again', '{"a":1}')));
  await step('echo, plain', () => talk('/echo?plain=1', headers, turns('zwölf', Buffer.from([0, 255])), plain));
  await step('a megabyte', () => talk('/echo?big=1', headers, turns(Buffer.alloc(1_000_000, 7)), plain));
  await step('the server leaves', () => talk('/echo?bye=1', headers, turns('hello', 'bye')));
  await step('a feed', () => talk('/feed?count=5&fragments=3', headers, quiet));
  await step('a feed that fails', () => talk('/feed?count=2&code=1011', headers, quiet));
  await step('a feed that breaks off', () => talk('/feed?count=1&code=1006', headers, quiet));
  await step('refused', () => talk('/refused', headers, quiet));
  await step('pings of the server', () => talk('/rooms?room=ping', headers, turns('{"ask":"ping"}')));
  await step('pings of the client', () =>
    talk('/echo?ping=1', headers, (socket, heard) => {
      if (heard === 'open') socket.ping('mine');
      else socket.close(4000, 'pinged');
    }),
  );
  await step('rooms at once', () => rooms(headers));
  return steps;
}

const server = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/ready') return answer(200, {});
  const { traceparent } = request.headers;
  void workload(traceparent === undefined ? {} : { traceparent }).then(
    (steps) => answer(500, { driver: 'ws', steps }),
    (error: unknown) => answer(501, { driver: 'ws', error: String(error) }),
  );
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
