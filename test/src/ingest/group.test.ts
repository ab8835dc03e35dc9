import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { systemClock } from '../../../src/daemon/clock.ts';
import type { IngestError } from '../../../src/ingest/error.ts';
import { startIngestGroup } from '../../../src/ingest/group.ts';
import type { GroupConfig, ShardAddress } from '../../../src/ingest/group.ts';
import type { BrakedCount } from '../../../src/recorder/brake.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import * as envoy from '../../support/extproc.ts';
import { connectTo, EnvoyCall } from '../../support/extproc-client.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { until } from '../../support/until.ts';

const WORKERS = new URL('../../../src/ingest/worker.ts', import.meta.url);
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const clock = systemClock();

function twoIn(directory: string): GroupConfig & { readonly listen: readonly ShardAddress[] } {
  const socket = (shard: number): ShardAddress => ({
    shard,
    address: { kind: 'unix', path: join(directory, `sink-${String(shard)}.sock`) },
  });
  return { workers: 2, listen: [socket(0), socket(1)], recorder: { ringBytes: 4 << 20, settleMs: 20 } };
}

function handlers() {
  const parts: RecordedPart[] = [];
  const failures: IngestError[] = [];
  const onPart = (part: RecordedPart) => void parts.push(part);
  const onFailure = (error: IngestError) => void failures.push(error);
  return { parts, failures, onPart, onFailure, onStats: () => undefined, onInspection: () => undefined };
}

/** An instance of a service by its shard: one exchange of a trace. */
function exchange(session: ReturnType<typeof connectTo>, service: string, status: string, trace = TRACE): void {
  const said = { 'x-loop-service': service, 'x-loop-instance': `${service}-1`, 'x-loop-direction': 'inbound' };
  const headers = { ':method': 'GET', ':path': '/', traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  const request = envoy.requestHeaders(headers, { endOfStream: true });
  new EnvoyCall(session, said)
    .send(request, envoy.responseHeaders({ ':status': status }, { endOfStream: true }))
    .finish();
}

it('what one worker’s recorder has of a loop that another began is asked for once that was kept', async () => {
  const heard = handlers();
  const group = await startIngestGroup(twoIn(temporaryDirectory()), heard, { clock });
  const [orders, pricing] = group.addresses.map((address) => connectTo(address));
  if (orders === undefined || pricing === undefined) throw new Error('It does not listen.');
  exchange(pricing, 'pricing', '200');
  exchange(orders, 'orders', '500');
  const failed = () => heard.parts.find(({ purpose }) => purpose === 'failure');
  const part = await until(failed, (found) => found !== undefined);
  if (part === undefined) throw new Error('No part came.');
  group.kept({ keys: [part.transaction], at: clock.now(), recorders: new Set([part.recorder]) });
  const rest = () => heard.parts.find(({ recorder, purpose }) => recorder !== part.recorder && purpose === 'capture');
  expect(await until(rest, (found) => found !== undefined)).toMatchObject({ transaction: part.transaction });
  for (const session of [orders, pricing]) session.destroy();
  await group.stop();
});

it('what fails in one worker and is only counted there is no example in another', async () => {
  const heard = handlers();
  const braked: BrakedCount[] = [];
  const onBraked = (counts: readonly BrakedCount[]) => void braked.push(...counts);
  // Exemplars wait for thrice as long as transactions take to settle: longer than counts take to be told.
  const config = { ...twoIn(temporaryDirectory()), recorder: { ringBytes: 4 << 20, settleMs: 500 } };
  const group = await startIngestGroup(config, { ...heard, onBraked }, { clock });
  const [orders, pricing] = group.addresses.map((address) => connectTo(address));
  if (orders === undefined || pricing === undefined) throw new Error('It does not listen.');
  exchange(pricing, 'pricing', '500');
  const signature = () => heard.parts.find(({ purpose }) => purpose === 'failure')?.signature;
  group.brake({
    kind: 'brake',
    signature: (await until(signature, (found) => found !== undefined)) ?? '',
    forMs: 60_000,
  });
  // One of the failures may be handed out as a probe.
  const [good, ...failing] = [1, 2, 3].map((number) => String(number).padStart(32, '0'));
  for (const trace of failing) exchange(pricing, 'pricing', '500', trace);
  for (const trace of [good, ...failing]) exchange(orders, 'orders', '200', trace);
  await until(
    () => braked,
    (counts) => counts.length > 0,
  );
  for (const session of [orders, pricing]) session.destroy();
  await group.stop();
  const examples = heard.parts.filter(({ purpose }) => purpose === 'exemplar');
  expect(examples.map(({ transaction }) => transaction)).toEqual([`trace:${good}`]);
});

it('what one worker says before the others are up reaches them', async () => {
  const directory = temporaryDirectory();
  const entry = join(directory, 'worker.mjs');
  // The first has something to say at once; the second comes up when that was heard, and hands out what it is told.
  writeFileSync(
    entry,
    `import { parentPort, workerData } from 'node:worker_threads';
    const first = workerData.listen[0].path.endsWith('sink-0.sock');
    const say = (message) => parentPort.postMessage(message);
    const up = () => say({ kind: 'listening', recorder: first ? 'a'.repeat(16) : 'b'.repeat(16), addresses: [] });
    parentPort.on('message', (message) => {
      if (message.kind === 'stop') process.exit();
      say({ kind: 'inspection', inspection: { first, told: message } });
    });
    if (first) { up(); say({ kind: 'ambiguous', ids: ['request:1'] }); } else setTimeout(up, 300);`,
  );
  const told: unknown[] = [];
  const onInspection = (inspection: unknown) => void told.push(inspection);
  const heard = { ...handlers(), onInspection };
  const group = await startIngestGroup(twoIn(directory), heard, { clock, entry: pathToFileURL(entry) });
  await until(
    () => told.length,
    (count) => count > 0,
  );
  expect(told).toEqual([{ first: false, told: { kind: 'ambiguous', ids: ['request:1'] } }]);
  await group.stop();
});

it('one worker that cannot listen takes the others along', async () => {
  const directory = temporaryDirectory();
  const { listen, ...config } = twoIn(directory);
  const taken = { shard: 1, address: { kind: 'unix', path: join(directory, 'missing', 'sink.sock') } } as const;
  const started = startIngestGroup({ ...config, listen: [...listen.slice(0, 1), taken] }, handlers(), { clock });
  await expect(started).rejects.toMatchObject({ code: 'listen-failed' });
  const again = await startIngestGroup({ ...config, listen }, handlers(), { clock });
  await again.stop();
});

it('a worker that dies is told once; the other hands over what it has', async () => {
  const directory = temporaryDirectory();
  const entry = join(directory, 'dying.mjs');
  writeFileSync(
    entry,
    `import { parentPort, workerData } from 'node:worker_threads';
if (workerData.listen[0].path.endsWith('-0.sock')) await import(${JSON.stringify(WORKERS.href)});
else {
  parentPort.postMessage({ kind: 'listening', recorder: '00000000000000bb', addresses: workerData.listen });
  parentPort.on('message', () => { throw new Error('the core is on fire'); });
}`,
  );
  const heard = handlers();
  const group = await startIngestGroup(twoIn(directory), heard, { clock, entry: pathToFileURL(entry) });
  const [address] = group.addresses;
  if (address === undefined) throw new Error('It does not listen.');
  const session = connectTo(address);
  group.brake({ kind: 'release', signature: 'anything' });
  await until(
    () => heard.failures,
    (failures) => failures.length > 0,
  );
  exchange(session, 'orders', '500');
  await until(
    () => heard.parts,
    (parts) => parts.length > 0,
  );
  session.destroy();
  await group.stop();
  expect(heard.failures.map(({ message }) => message)).toEqual([expect.stringContaining('the core is on fire')]);
});
