import { expect, test } from 'vitest';
import { decodeEntry } from '../../../../src/wire/accesslog/decode.ts';
import { readLogMessage } from '../../../../src/wire/accesslog/message.ts';
import { createScannedEntry, scanEntry } from '../../../../src/wire/accesslog/scan.ts';
import { logEntry, logMessage } from '../../../support/access-log.ts';

const START = 1_795_308_384_862_627;
const WHOLE = logEntry({
  requestId: 'r-1',
  startMicros: START,
  durationMs: 7,
  code: 200,
  flags: ['upstreamProtocolError'],
  details: 'upstream_reset_after_response_started{protocol_error}',
  method: 'PUT',
  path: '/cut?a=1',
  authority: 'pricing.shop',
  attempts: 3,
  requestHeaders: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
  responseHeaders: { 'content-type': 'application/grpc' },
  responseTrailers: { 'grpc-status': '13' },
  common: {
    upstreamRemoteAddress: { socketAddress: { address: '10.0.0.1', portValue: 80 } },
    upstreamCluster: 'pricing',
    routeName: 'prices',
    upstreamTransportFailureReason: 'TLS_error',
    connectionTerminationDetails: 'why',
  },
});

test('an entry, under the names ext_proc has for the same', () => {
  expect(decodeEntry(WHOLE)).toEqual({
    startedAt: START / 1000,
    durationMs: 7,
    flags: 2 ** 23,
    code: 200,
    attributes: {
      'request.id': 'r-1',
      'request.method': 'PUT',
      'request.path': '/cut?a=1',
      'request.host': 'pricing.shop',
      'request.protocol': 'HTTP/1.1',
      'source.address': '10.0.0.9:51234',
      'upstream.address': '10.0.0.1:80',
      'upstream.request_attempt_count': '3',
      'upstream.transport_failure_reason': 'TLS_error',
      'xds.cluster_name': 'pricing',
      'xds.route_name': 'prices',
      'response.code': '200',
      'response.code_details': 'upstream_reset_after_response_started{protocol_error}',
      'response.flags': String(2 ** 23),
      'connection.termination_details': 'why',
    },
    requestHeaders: [{ name: 'traceparent', value: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }],
    responseHeaders: [{ name: 'content-type', value: 'application/grpc' }],
    responseTrailers: [{ name: 'grpc-status', value: '13' }],
  });
});

test('an entry of nothing says nothing', () => {
  expect(decodeEntry(new Uint8Array())).toMatchObject({
    startedAt: 0,
    flags: 0,
    attributes: { 'response.flags': '0' },
  });
  expect(decodeEntry(new Uint8Array())).not.toHaveProperty('code');
});

test('a message: who speaks, once, and where its entries lie', () => {
  const bytes = logMessage([WHOLE, logEntry({ requestId: 'r-2' })], { id: 'node-1', cluster: 'shop' });
  const message = readLogMessage(bytes);
  if ('fault' in message) throw new Error(message.fault);
  expect(message.node).toEqual({ id: 'node-1', cluster: 'shop' });
  const entries = message.entries.map(({ start, end }) => bytes.subarray(start, end));
  expect(entries.map((entry) => decodeEntry(entry))).toMatchObject([
    { attributes: { 'request.id': 'r-1' } },
    { attributes: { 'request.id': 'r-2' } },
  ]);
  expect(readLogMessage(logMessage([]))).toEqual({ entries: [] });
});

test('cut anywhere, an entry is a value or a fault', () => {
  for (let end = 0; end < WHOLE.length; end++) expect(decodeEntry(WHOLE.subarray(0, end))).toBeTypeOf('object');
});

test('10^5 mutated messages and entries: values only', () => {
  const message = logMessage([WHOLE, logEntry({ flags: ['noClusterFound'], code: 503 })], { id: 'n', cluster: 'c' });
  let faults = 0;
  let numbers = 0;
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (seed >>> 8) % below;
  };
  const into = createScannedEntry();
  for (let round = 0; round < 100_000; round++) {
    const bytes = (round % 2 === 0 ? message : WHOLE).slice();
    for (let change = random(8); change >= 0; change--) bytes[random(bytes.length)] = random(256);
    const cut = random(4) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
    const entries = round % 2 === 0 ? readLogMessage(cut) : { entries: [{ start: 0, end: cut.length }] };
    if ('fault' in entries) faults += 1;
    else
      for (const { start, end } of entries.entries) {
        const scanned = scanEntry(cut.subarray(start, end), into);
        if ('fault' in scanned) faults += 1;
        else numbers += scanned.startMicros + scanned.flags + scanned.durationMs + scanned.code;
        decodeEntry(cut.subarray(start, end));
      }
  }
  expect(faults).toBeGreaterThan(1000);
  expect(numbers).toBeLessThan(Infinity);
});
