/** What users of undici's WebSocket write, once, as a small service: POST /run answers 500 with what the driver gave for every step. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocket } from 'undici';

const target = `ws://${process.env['TARGET_HOST'] ?? '127.0.0.1'}:${process.env['TARGET_PORT'] ?? '80'}`;

type Headers = Readonly<Record<string, string>>;
type Say = (socket: WebSocket, heard: string) => void;

/** Everything a socket told, in order, until it closed. */
async function talk(path: string, headers: Headers, say: Say, protocols: string[] = []): Promise<readonly string[]> {
  const socket = new WebSocket(`${target}${path}`, { protocols, headers });
  const events: string[] = [];
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => {
    events.push(`open ${socket.protocol} ${socket.extensions}`);
    say(socket, 'open');
  });
  socket.addEventListener('message', ({ data }: { data: string | ArrayBuffer }) => {
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
    const shown = text.length > 200 ? createHash('sha1').update(text).digest('base64') : text;
    events.push(`${typeof data === 'string' ? 'text' : 'binary'} ${text.length} ${shown}`);
    say(socket, text);
  });
  socket.addEventListener('error', ({ message }) => events.push(`error ${message}`));
  await new Promise<void>((resolve) => {
    socket.addEventListener('close', ({ code, reason, wasClean }) => {
      events.push(`close ${code} ${reason} ${wasClean}`);
      resolve();
    });
  });
  return events;
}

const quiet: Say = () => undefined;

function turns(...lines: readonly (string | Uint8Array<ArrayBuffer>)[]): Say {
  const left = [...lines];
  return (socket) => {
    const next = left.shift();
    if (next === undefined) socket.close(1000, 'enough');
    else socket.send(next);
  };
}

async function rooms(headers: Headers): Promise<readonly object[]> {
  const names = ['attic', 'cellar', 'hall', 'kitchen'];
  const ordered = process.env['REVERSED'] === '1' ? names.toReversed() : names;
  const all = ordered.map(async (room) => ({
    room,
    events: await talk(`/rooms?room=${room}`, headers, turns('{"ask":"who"}', '{"ask":"what"}'), ['other', 'rooms.v2']),
  }));
  return (await Promise.all(all)).toSorted((one, other) => one.room.localeCompare(other.room));
}

async function workload(headers: Headers): Promise<readonly object[]> {
  const steps: object[] = [];
  const step = async (name: string, run: () => Promise<unknown>): Promise<void> =>
    void steps.push({ name, result: await run() });
  await step('echo', () => talk('/echo', headers, turns('one and one', 'one and one again', 'zwölf')));
  await step('bytes', () =>
    talk('/echo?bytes=1', headers, turns(Uint8Array.of(0, 255), new Uint8Array(300_000).fill(7))),
  );
  await step('the server leaves', () => talk('/echo?bye=1', headers, turns('hello', 'bye')));
  await step('a feed', () => talk('/feed?count=5&fragments=3', headers, quiet));
  await step('a feed that fails', () => talk('/feed?count=2&code=1011', headers, quiet));
  await step('a feed that breaks off', () => talk('/feed?count=1&code=1006', headers, quiet));
  await step('refused', () => talk('/refused', headers, quiet));
  await step('pings of the server', () => talk('/rooms?room=ping', headers, turns('{"ask":"ping"}')));
  await step('rooms at once', () => rooms(headers));
  return steps;
}

const server = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/ready') return answer(200, {});
  const { traceparent } = request.headers;
  void workload(typeof traceparent === 'string' ? { traceparent } : {}).then(
    (steps) => answer(500, { driver: 'undici', steps }),
    (error: unknown) => answer(501, { driver: 'undici', error: String(error) }),
  );
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
