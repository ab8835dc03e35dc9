/** loopd told to stop: not ready at once, open exchanges have their time, what failed is stored, and a second signal is the last. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loopctl, startLoopd, type Addresses, type Program } from '../support/cli.ts';
import { connectTo, EnvoyCall } from '../support/extproc-client.ts';
import { requestHeaders, responseHeaders } from '../support/extproc.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const SPEAKER = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };

async function running(drainMs: number): Promise<{ data: string; daemon: Program & Addresses }> {
  const data = temporaryDirectory();
  const config = join(data, 'loopd.yaml');
  writeFileSync(config, `sink: { port: 0, drainMs: ${drainMs} }\napi: { port: 0 }\nrecorder: { settleMs: 20 }\n`);
  return { data, daemon: await startLoopd({ data, config }) };
}

function beginExchange({ sinks }: Addresses) {
  const sink = sinks.find(({ kind }) => kind === 'tcp');
  if (sink === undefined) throw new Error('loopd listens on no TCP port');
  const session = connectTo({ kind: 'tcp', host: sink.host, port: sink.port });
  const request = requestHeaders(
    { ':method': 'GET', ':path': '/orders/1', ':authority': 'orders' },
    { endOfStream: true },
  );
  return { session, call: new EnvoyCall(session, SPEAKER).send(request) };
}

/** Resolves when an exchange is open here. */
async function hasOpened({ api }: Addresses, data: string): Promise<void> {
  const authorization = `Bearer ${readFileSync(join(data, 'token'), 'utf8').trim()}`;
  const metrics = async () => (await fetch(new URL('/metrics', api), { headers: { authorization } })).text();
  await until(metrics, (text) => /^loop_ingest_calls_open 1$/m.test(text));
}

const readiness = async ({ api }: Addresses) => {
  const answer = await fetch(new URL('/readyz', api));
  return { code: answer.status, said: await answer.json() };
};

it('SIGTERM: not ready, an exchange that is open ends by itself, its failure is stored, exit 0', async () => {
  const { data, daemon } = await running(20_000);
  expect(await readiness(daemon)).toEqual({ code: 200, said: { status: 'ready', reasons: [] } });
  const { session, call } = beginExchange(daemon);
  await hasOpened(daemon, data);
  daemon.child.kill('SIGTERM');
  await daemon.said('stdout', 'stopping');
  expect(
    await until(
      () => readiness(daemon),
      ({ code }) => code === 503,
    ),
  ).toEqual({
    code: 503,
    said: { status: 'not-ready', reasons: ['stopping'] },
  });
  call.send(responseHeaders({ ':status': '500' }, { endOfStream: true })).finish();
  expect(await daemon.ended).toMatchObject({ code: 0, stderr: '' });
  session.destroy();
  expect((await loopctl(['list', 'failures', '-o', 'name'], { data })).stdout).toMatch(/^\w{12}\n$/);
});

it('a second signal leaves at once, whatever is open', async () => {
  const { data, daemon } = await running(60_000);
  const { session } = beginExchange(daemon);
  await hasOpened(daemon, data);
  daemon.child.kill('SIGTERM');
  await daemon.said('stdout', 'stopping');
  daemon.child.kill('SIGINT');
  expect(await daemon.ended).toMatchObject({ code: 130 });
  session.destroy();
});
