// The generator of benches speaks as sidecars do: what it says was sent is what the transport hears, each call a transaction of its own.
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Generator } from '../../../bench/load/generator.ts';
import { scriptOf } from '../../../bench/load/script.ts';
import type { Shape } from '../../../bench/load/script.ts';
import { startTestIngest } from '../../support/ingest.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

test.each<[Shape, number | undefined]>([
  ['1k', 200],
  ['envoy', 200],
  ['16k', 100],
  ['256k', 20],
  ['1k', undefined],
])('%s at %s a second arrives, whole and each once', async (shape, rate) => {
  const folder = temporaryDirectory();
  const path = join(folder, 'sink.sock');
  const ingest = await startTestIngest({}, { kind: 'unix', path });
  const { counters, sink } = ingest;
  onTestFinished(() => ingest.close());
  const generator = new Generator(folder);
  const load = { shape, rate, connections: 3, warmSeconds: 0.05, seconds: rate === undefined ? 0.05 : 0.3 };

  const report = await generator.send({ kind: 'unix', path }, process.pid, { ...load, lingerMs: 50, seed: 7 });
  await sink.ends(report.sentInAll);

  const { messages, messageBytes } = scriptOf(shape);
  expect(report).toMatchObject({ drained: true, answered: { broken: 0, goaways: 0 } });
  expect(report.sentInAll).toBeGreaterThan(3);
  expect(report.cpuSeconds).toBeGreaterThan(0);
  expect(counters).toMatchObject({
    connectionsOpened: 3,
    callsOpened: report.sentInAll,
    callsEnded: { closed: report.sentInAll },
    messages: report.sentInAll * messages,
    bytes: report.sentInAll * messageBytes,
    faults: 0,
  });
  const traces = sink.streams.map(({ messages: [first] }) =>
    /00-[0-9a-f]{32}-[0-9a-f]{16}-01/.exec(Buffer.from(first ?? []).toString('latin1'))?.at(0),
  );
  expect(new Set(traces).size).toBe(report.sentInAll);
  expect(sink.streams[0]?.call.vantage).toEqual({ service: 'orders', instance: 'orders-1', direction: 'inbound' });
});
