/** Long downloads as users of undici write them, once, as a small service: POST /run answers 500 with what came for every step. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { fetch } from 'undici';

const target = `http://${process.env['TARGET_HOST'] ?? '127.0.0.1'}:${process.env['TARGET_PORT'] ?? '80'}`;

type Headers = Readonly<Record<string, string>>;

/** How much came, its digest, and how it ended. `pauseMs` between reads. */
async function download(query: string, headers: Headers, pauseMs = 0): Promise<readonly unknown[]> {
  const response = await fetch(`${target}/download?${query}`, { headers });
  const digest = createHash('sha1');
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      digest.update(chunk);
      bytes += chunk.length;
      if (pauseMs > 0) await delay(pauseMs);
    }
    return [response.status, bytes, digest.digest('base64')];
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return [response.status, bytes, String(error), cause instanceof Error ? cause.message : ''];
  }
}

async function leave(headers: Headers): Promise<readonly unknown[]> {
  const leaving = new AbortController();
  const response = await fetch(`${target}/download?kib=2048&gap=5`, { headers, signal: leaving.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  leaving.abort();
  return [response.status, 'left'];
}

async function workload(headers: Headers): Promise<readonly object[]> {
  const steps: object[] = [];
  const step = async (name: string, run: () => Promise<unknown>): Promise<void> =>
    void steps.push({ name, result: await run() });
  await step('whole', () => download('kib=8192', headers));
  await step('slowly read', () => download('kib=2048&slow=1', headers, 2));
  await step('slowly sent', () => download('kib=640&gap=60', headers));
  await step('broken off', () => download('kib=4096&cut=20', headers));
  await step('asked for again', () => download('kib=4096', headers));
  await step('left', () => leave(headers));
  await step('several at once', async () => {
    const ordered = process.env['REVERSED'] === '1' ? [3, 2, 1] : [1, 2, 3];
    const all = await Promise.all(
      ordered.map(async (n) => [n, await download(`kib=${n * 1024}&n=${n}`, headers)] as const),
    );
    return all.toSorted(([one], [other]) => one - other);
  });
  return steps;
}

const server = createServer((request, response) => {
  const answer = (status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  if (request.url === '/ready') return answer(200, {});
  const { traceparent } = request.headers;
  void workload(typeof traceparent === 'string' ? { traceparent } : {}).then(
    (steps) => answer(500, { driver: 'fetch', steps }),
    (error: unknown) => answer(501, { driver: 'fetch', error: String(error) }),
  );
});
server.listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
await once(server, 'listening');
