/** What users of undici's EventSource write, once, as a small service: POST /run answers 500 with what the driver gave for every step. */
import { once } from 'node:events';
import { subscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:http';
import { EventSource } from 'undici';

const target = `http://${process.env['TARGET_HOST'] ?? '127.0.0.1'}:${process.env['TARGET_PORT'] ?? '80'}`;

/** As OpenTelemetry's instrumentation of undici passes on the context: an EventSource takes no headers. */
let traceparent: string | undefined;
subscribe('undici:request:create', (message) => {
  const { request } = message as { request: { addHeader(name: string, value: string): void } };
  if (traceparent !== undefined) request.addHeader('traceparent', traceparent);
});

/** Its types know events of the name `message` alone. */
function contentOf(event: Event): readonly unknown[] {
  const { data, lastEventId } = event as unknown as { data: string; lastEventId: string };
  return [data, lastEventId];
}

/** Everything a stream told, in order, until the event `done`, or its end. */
async function listen(path: string): Promise<readonly unknown[]> {
  const source = new EventSource(`${target}${path}`);
  const told: unknown[] = [];
  source.addEventListener('open', () => told.push('open'));
  source.addEventListener('price', (event) => told.push(['price', ...contentOf(event)]));
  await new Promise<void>((resolve) => {
    source.addEventListener('done', (event) => {
      told.push(['done', ...contentOf(event)]);
      source.close();
      resolve();
    });
    source.addEventListener('error', () => {
      told.push(['error', source.readyState]);
      if (source.readyState === EventSource.CLOSED) resolve();
    });
  });
  return told;
}

async function several(): Promise<readonly object[]> {
  const names = ['a', 'b', 'c', 'd'];
  const ordered = process.env['REVERSED'] === '1' ? names.toReversed() : names;
  const all = ordered.map(async (name) => ({ name, events: await listen(`/events?total=3&each=3&of=${name}`) }));
  return (await Promise.all(all)).toSorted((one, other) => one.name.localeCompare(other.name));
}

async function workload(): Promise<readonly object[]> {
  const steps: object[] = [];
  const step = async (name: string, run: () => Promise<unknown>): Promise<void> =>
    void steps.push({ name, result: await run() });
  await step('a stream', () => listen('/events?total=4&each=4'));
  await step('one that ends, and goes on', () => listen('/events?total=7&each=3'));
  await step('one that breaks off, and goes on', () => listen('/events?total=5&each=2&cut=1'));
  await step('several at once', several);
  await step('what is no event stream', () => listen('/download?kib=1'));
  return steps;
}

const server = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/ready') return answer(200, {});
  traceparent = request.headers['traceparent'] as string | undefined;
  void workload().then(
    (steps) => answer(500, { driver: 'undici', steps }),
    (error: unknown) => answer(501, { driver: 'undici', error: String(error) }),
  );
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
