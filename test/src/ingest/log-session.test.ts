import { expect, test } from 'vitest';
import { createCounters } from '../../../src/ingest/counters.ts';
import { acceptInto } from '../../../src/ingest/session.ts';
import { requestIdOf } from '../../../src/wire/accesslog/scan.ts';
import { logEntry, logMessage } from '../../support/access-log.ts';
import { TestSink } from '../../support/capture-sink.ts';
import { EnvoyCall, LOGS } from '../../support/extproc-client.ts';
import { startTestIngest } from '../../support/ingest.ts';

const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'outbound' };
const NODE = { id: 'node-7', cluster: 'shop' };

function open(metadata: Record<string, string> = ORDERS) {
  const sink = new TestSink();
  const counters = createCounters();
  const pairs = Object.entries(metadata).map(([name, value]) => ({ name, value }));
  return { sink, counters, session: acceptInto(sink, counters)('log', pairs, 1) };
}

test('each entry is handed on with who speaks', () => {
  const { sink, counters, session } = open();
  expect(
    session.message(logMessage([logEntry({ requestId: 'a' }), logEntry({ requestId: 'b' })], NODE)),
  ).toBeUndefined();
  session.message(logMessage([logEntry({ requestId: 'c' })]));
  expect(sink.logs.map(({ bytes, scanned }) => requestIdOf(bytes, scanned))).toEqual(['a', 'b', 'c']);
  expect(sink.logs[2]?.source).toEqual({
    vantage: { service: 'orders', instance: 'orders-1', direction: 'outbound' },
    certain: true,
    protocol: 'http',
  });
  expect(sink.logs[0]?.bytes).toEqual(logEntry({ requestId: 'a' }));
  expect(counters).toMatchObject({ faults: 0, messages: 0, logs: { entries: 3 } });
});

test('an instance that Envoy did not fill in is the node, until an exchange tells it', () => {
  const { sink, session } = open({ ...ORDERS, 'x-loop-instance': '%HOSTNAME%' });
  session.message(logMessage([logEntry()], NODE));
  sink.joins = 'pod-7f';
  session.message(logMessage([logEntry(), logEntry()]));
  expect(sink.logs.map(({ source }) => [source.vantage.instance, source.certain])).toEqual([
    ['node-7', false],
    ['node-7', false],
    ['pod-7f', true],
  ]);
});

test('a percent sign in a name is one, as it is for exchanges', () => {
  const { sink, session } = open({ ...ORDERS, 'x-loop-service': '100%%', 'x-loop-instance': 'a%%b' });
  session.message(logMessage([logEntry()], NODE));
  expect(sink.logs[0]?.source.vantage).toMatchObject({ service: '100%', instance: 'a%b' });
});

test('without any metadata the node tells the service', () => {
  const { sink, session } = open({});
  session.message(logMessage([logEntry()], NODE));
  expect(sink.logs[0]?.source.vantage).toEqual({ service: 'shop', instance: 'node-7', direction: 'inbound' });
});

test('what cannot be read is counted, and the call goes on', () => {
  const { sink, counters, session } = open();
  session.message(Uint8Array.of(0xff));
  // http_logs {log_entry {common_properties: cut off}}
  session.message(Uint8Array.of(0x12, 4, 0x0a, 2, 0x0a, 9));
  session.message(logMessage([logEntry()]));
  session.ended('closed');
  expect(sink.logs).toHaveLength(1);
  expect(counters).toMatchObject({ faults: 2, logs: { entries: 2 } });
});

test('a silent log is left open', () => {
  expect(open().session.mayIdle()).toBe(true);
});

test('an access logger is served beside exchanges, and counted apart', async () => {
  const ingest = await startTestIngest();
  const session = ingest.connect();
  const call = new EnvoyCall(session, ORDERS, LOGS).send(logMessage([logEntry({ requestId: 'a' })], NODE));
  await ingest.sink.until(() => ingest.sink.logs.length === 1);
  call.stream.end();
  expect(await call.trailers).toMatchObject({ 'grpc-status': '0' });
  expect(ingest.counters).toMatchObject({
    callsOpened: 0,
    messages: 0,
    refused: { method: 0 },
    logs: { callsOpened: 1, callsEnded: { closed: 1 }, messages: 1, entries: 1 },
  });
  await ingest.close();
});
