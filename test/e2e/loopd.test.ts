/** loopd as a process: killed while it keeps, fed garbage, asked by loopctl while it runs. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRecording } from '../../replay-sandbox/open.ts';
import { createClient } from '../../src/api/client/client.ts';
import { bodyOf } from '../../src/domain/exchange.ts';
import { parseLoopId, type LoopId } from '../../src/domain/ids.ts';
import { decodeLoopFile } from '../../storage/format/decode.ts';
import type { Addresses, Program } from '../support/cli.ts';
import { loopctl, startLoopd } from '../support/cli.ts';
import { connectTo, EnvoyCall } from '../support/extproc-client.ts';
import { requestHeaders, responseBody, responseHeaders } from '../support/extproc.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { allFailures } from '../support/test-loopd.ts';
import { until } from '../support/until.ts';

const SPEAKER = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };
const CONFIG = `sink: { port: 0 }
api: { port: 0 }
loopsPerHour: 100000
recorder: { settleMs: 20 }
`;

type Running = Program & Addresses;

async function running(data: string): Promise<Running> {
  writeFileSync(join(data, 'loopd.yaml'), CONFIG);
  return startLoopd({ data, config: join(data, 'loopd.yaml') });
}

function sinkOf({ sinks }: Running) {
  const sink = sinks.find(({ kind }) => kind === 'tcp');
  if (sink === undefined) throw new Error('loopd listens on no TCP port');
  return { kind: 'tcp' as const, host: sink.host, port: sink.port };
}

/** One exchange that failed; the answer says which it was. */
function fail(session: ReturnType<typeof connectTo>, number: number): void {
  const trace = number.toString(16).padStart(32, '0');
  new EnvoyCall(session, SPEAKER)
    .send(
      requestHeaders(
        {
          ':method': 'GET',
          ':path': `/orders/${number}`,
          ':authority': 'orders',
          traceparent: `00-${trace}-00000000000000ab-01`,
        },
        { endOfStream: true },
      ),
      responseHeaders({ ':status': '500', 'content-type': 'text/plain' }),
      responseBody(answerOf(`/orders/${number}`), { endOfStream: true }),
    )
    .finish();
}

/** Long enough for a save to be in several steps. */
function answerOf(path: string): string {
  return `${path} failed. `.repeat(2_000);
}

/** Ids that loopd says it has kept. */
function keptBy(stdout: string): readonly LoopId[] {
  const said = stdout.matchAll(/"loop":"(\w+)","purpose":"failure","msg":"kept"/g);
  return [...said].map(([, id]) => parseLoopId(id ?? '')).filter((id) => id !== undefined);
}

async function metricsOf({ api }: Running, data: string): Promise<string> {
  const authorization = `Bearer ${readFileSync(join(data, 'token'), 'utf8').trim()}`;
  return (await fetch(new URL('/metrics', api), { headers: { authorization } })).text();
}

function sample(metrics: string, name: string): number {
  return Number(
    metrics
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );
}

describe('loopd killed -9 while it keeps loops', () => {
  it('20 times: whatever it said it kept is listed, and every listed loop is whole', { timeout: 600_000 }, async () => {
    const data = temporaryDirectory();
    const said = new Set<LoopId>();
    let number = 0;
    for (let round = 0; round < 20; round += 1) {
      const daemon = await running(data);
      const session = connectTo(sinkOf(daemon));
      const feed = setInterval(() => fail(session, (number += 1)), 2);
      // Killed at another moment of its work each time.
      const stdout = await daemon.said('stdout', new RegExp(`(?:"msg":"kept"[^]*){${1 + round}}`));
      daemon.child.kill('SIGKILL');
      clearInterval(feed);
      session.destroy();
      await daemon.ended;
      for (const id of keptBy(stdout)) said.add(id);
    }
    const daemon = await running(data);
    const token = readFileSync(join(data, 'token'), 'utf8').trim();
    // All pages: a machine that takes its time to kill keeps more than one has room for.
    const listed = await allFailures(createClient({ url: daemon.api, token }));
    const ids = new Set(listed.map(({ id }) => id));
    expect([...said].filter((id) => !ids.has(id))).toEqual([]);
    expect(listed.length).toBeGreaterThanOrEqual(20);
    const headers = { authorization: `Bearer ${token}` };
    for (const { id } of listed) {
      const answer = await fetch(new URL(`/v1/loops/${id}/recording?open=true`, daemon.api), { headers });
      const { transaction } = openRecording(await decodeLoopFile(await answer.bytes()), undefined);
      const [exchange] = transaction.exchanges;
      const path = exchange?.request?.headers.find(({ name }) => name === ':path')?.value ?? '';
      expect(transaction).toMatchObject({ exchanges: [{ response: { complete: true } }], holes: [] });
      expect(Buffer.from(exchange?.response ? bodyOf(exchange.response) : []).toString()).toBe(answerOf(path));
    }
  });
});

describe('garbage', () => {
  it('on the sink’s port and on the API’s: counted, and the daemon lives', async () => {
    const data = temporaryDirectory();
    const daemon = await running(data);
    const sink = sinkOf(daemon);
    const api = { host: '127.0.0.1', port: Number(new URL(daemon.api).port) };
    const garbage = Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 37) & 0xff));
    for (const { host, port } of [sink, sink, api]) {
      const socket = connect(port, host).on('error', () => undefined);
      socket.resume().end(garbage);
      await once(socket, 'close');
    }
    const session = connectTo(sink);
    new EnvoyCall(session, SPEAKER).send(Buffer.from('no ProcessingRequest')).finish();
    fail(session, 7);
    await daemon.said('stdout', '"msg":"kept"');
    const metrics = await until(
      () => metricsOf(daemon, data),
      (text) => sample(text, 'loop_ingest_faults') > 0,
    );
    expect(sample(metrics, 'loop_ingest_refused{reason="protocol"}')).toBe(2);
    expect(sample(metrics, 'loop_ingest_faults')).toBe(1);
    expect(await (await fetch(new URL('/healthz', daemon.api))).json()).toEqual({ status: 'ok' });
    session.destroy();
  });
});

describe('loopctl beside a loopd', () => {
  it('asks it, and leaves the store alone; a killed one’s address is a leftover', async () => {
    const data = temporaryDirectory();
    const daemon = await running(data);
    const session = connectTo(sinkOf(daemon));
    fail(session, 1);
    const [id = ''] = keptBy(await daemon.said('stdout', '"msg":"kept"'));
    const list = () => loopctl(['list', 'failures', '-o', 'name'], { data });
    expect(await Promise.all([list(), list()])).toMatchObject([
      { code: 0, stdout: `${id}\n` },
      { code: 0, stdout: `${id}\n` },
    ]);
    await loopctl(['export', id, '-o', join(data, 'x.loop')], { data });
    expect(JSON.parse(readFileSync(join(data, 'audit.jsonl'), 'utf8'))).toMatchObject({
      actor: 'token',
      act: 'export',
      about: { loop: id },
    });
    session.destroy();
    daemon.child.kill('SIGKILL');
    await daemon.ended;
    expect(await list()).toMatchObject({ code: 0, stdout: `${id}\n`, stderr: '' });
  });

  it('SIGTERM: what is to be kept is kept first', async () => {
    const data = temporaryDirectory();
    const daemon = await running(data);
    const session = connectTo(sinkOf(daemon));
    fail(session, 1);
    await until(
      () => metricsOf(daemon, data),
      (text) => sample(text, 'loop_ingest_messages') >= 3,
    );
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended).toMatchObject({ code: 0, stderr: '' });
    session.destroy();
    expect((await loopctl(['list', 'failures', '-o', 'name'], { data })).stdout).toMatch(/^\w{12}\n$/);
  });
});
