/**
 * The service under test, the same for every peer. PORT: where it listens; TARGET: URL it asks; THROUGH: where it connects for that, when the
 * name leads nowhere here; TURN: `record` or `again`; MEASURED: URL of one question whose answers are timed.
 * A POST has it ask everything, and answers 500 with what it was told, so that Loop keeps it.
 */
import { randomUUID } from 'node:crypto';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Asked, Group, Told, Turn } from './scenario.ts';
import { groups } from './scenario.ts';
import { throughputOf } from './throughput.ts';

const { PORT, TARGET = '', THROUGH = TARGET, TURN, MEASURED } = process.env;
/** Of an answer, characters: those that count are shorter, and explanations begin with what they are. */
const SHOWN = 160;
const target = new URL(TARGET);
const { hostname, port } = new URL(THROUGH);

/** As services do that pass on whose request it is: which calls belong to one that does not is measured by bench/attribution. */
const CONTEXT = ['x-request-id', 'traceparent', 'tracestate'];

type Context = Readonly<Record<string, string>>;

function contextOf({ headers }: IncomingMessage): Context {
  return Object.fromEntries(
    CONTEXT.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
  );
}

async function ask({ key, method, path, body }: Asked, group: string, agent: Agent, context: Context): Promise<Told> {
  const sent = body === undefined ? '' : JSON.stringify(body);
  const asked = `${method} ${path}`;
  return new Promise((resolve) => {
    const asking = request(
      {
        agent,
        hostname,
        port,
        method,
        path,
        headers: {
          ...context,
          host: target.host,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(sent),
        },
      },
      (response) => {
        void text(response).then(
          (said) => resolve({ group, key, asked, status: response.statusCode ?? 0, body: said.slice(0, SHOWN) }),
          () => resolve({ group, key, asked, status: 0, body: '' }),
        );
      },
    );
    asking.setTimeout(10_000, () => asking.destroy());
    asking.on('error', (error) => resolve({ group, key, asked, status: 0, body: error.message }));
    asking.end(sent);
  });
}

async function askGroup({ name, connections, asked }: Group, context: Context): Promise<readonly Told[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    if (connections > 1) return await Promise.all(asked.map((one) => ask(one, name, agent, context)));
    const told: Told[] = [];
    for (const one of asked) told.push(await ask(one, name, agent, context));
    return told;
  } finally {
    agent.destroy();
  }
}

const server = createServer((incoming, outgoing) => {
  incoming.resume();
  if (incoming.method !== 'POST') return void outgoing.end('ready');
  void (async () => {
    const told: Told[] = [];
    const context = contextOf(incoming);
    for (const group of groups(TURN as Turn, { uuid: () => randomUUID(), now: () => Date.now() }))
      told.push(...(await askGroup(group, context)));
    if (MEASURED !== undefined) console.error(`THROUGHPUT ${JSON.stringify(await throughputOf(MEASURED))}`);
    outgoing.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify(told));
  })();
});
server.listen(Number(PORT), '127.0.0.1');
