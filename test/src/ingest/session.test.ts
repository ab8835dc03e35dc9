import { describe, expect, test } from 'vitest';
import { createCounters } from '../../../src/ingest/counters.ts';
import { acceptInto } from '../../../src/ingest/session.ts';
import { TestSink } from '../../support/capture-sink.ts';
import * as envoy from '../../support/extproc.ts';

const ORDERS = { 'x-loop-service': 'orders', 'x-loop-instance': 'orders-1', 'x-loop-direction': 'inbound' };
const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function open(metadata: Record<string, string> = ORDERS) {
  const sink = new TestSink();
  const counters = createCounters();
  const session = acceptInto(sink, counters)(
    'exchange',
    Object.entries(metadata).map(([name, value]) => ({ name, value })),
    1,
  );
  return { sink, counters, session, lines: () => sink.streams.flatMap((stream) => stream.lines) };
}

describe('exchanges', () => {
  const speaks: [string, Uint8Array[], string[]][] = [
    [
      'without bodies',
      [
        envoy.requestHeaders({ ':method': 'GET', ':path': '/a' }, { endOfStream: true }),
        envoy.responseHeaders({ ':status': '204' }, { endOfStream: true }),
      ],
      ['requestHeaders :method=GET :path=/a END', 'responseHeaders :status=204 END'],
    ],
    [
      'with bodies as HTTP/1.1 has them: the last chunk is empty',
      [
        envoy.requestHeaders({ ':method': 'POST' }),
        envoy.requestBody('{}'),
        envoy.requestBody('', { endOfStream: true }),
        envoy.responseHeaders({ ':status': '500' }),
        envoy.responseBody('oh'),
        envoy.responseBody('', { endOfStream: true }),
      ],
      [
        'requestHeaders :method=POST',
        'requestBody "{}"',
        'requestBody "" END',
        'responseHeaders :status=500',
        'responseBody "oh"',
        'responseBody "" END',
      ],
    ],
    [
      'of gRPC: trailers end both sides',
      [
        envoy.requestHeaders({ ':path': '/g.S/M' }),
        envoy.requestBody('q'),
        envoy.requestTrailers({}),
        envoy.responseHeaders({ ':status': '200' }),
        envoy.responseBody('a'),
        envoy.responseTrailers({ 'grpc-status': '5' }),
      ],
      [
        'requestHeaders :path=/g.S/M',
        'requestBody "q"',
        'requestTrailers  END',
        'responseHeaders :status=200',
        'responseBody "a"',
        'responseTrailers grpc-status=5 END',
      ],
    ],
    [
      'that start with the answer: rejected in front of the filter',
      [envoy.responseHeaders({ ':status': '403' }), envoy.responseBody('RBAC: access denied', { endOfStream: true })],
      ['responseHeaders :status=403', 'responseBody "RBAC: access denied" END'],
    ],
    [
      'that just stop: the client went away',
      [envoy.requestHeaders({ ':method': 'POST' }), envoy.requestBody('half')],
      ['requestHeaders :method=POST', 'requestBody "half"'],
    ],
  ];

  test.each(speaks)('%s', (_name, messages, lines) => {
    const call = open();
    for (const message of messages) expect(call.session.message(message)).toBeUndefined();
    call.session.ended('closed');
    expect(call.lines()).toEqual(['opened orders/orders-1 inbound http', ...lines, 'ended closed']);
    expect(call.sink.streams[0]?.messages).toEqual(messages);
  });
});

describe('who speaks', () => {
  test('metadata names everything, and the call’s own trace', () => {
    const { sink } = open({
      ...ORDERS,
      'x-loop-version': '7',
      'x-loop-direction': 'outbound',
      'x-loop-protocol': 'postgres',
      traceparent: TRACEPARENT,
    });
    expect(sink.streams[0]?.call).toMatchObject({
      vantage: { service: 'orders', instance: 'orders-1', version: '7', direction: 'outbound' },
      protocol: 'postgres',
      trace: { traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
    });
  });

  test('without metadata it is known at the first message, from Envoy’s attributes', () => {
    const call = open({});
    expect(call.lines()).toEqual([]);
    call.session.message(
      envoy.requestHeaders(
        {},
        { attributes: { 'xds.node.cluster': 'cart', 'xds.node.id': 'cart-7', 'xds.listener_direction': 2 } },
      ),
    );
    call.session.message(envoy.requestBody(''));
    expect(call.lines()).toEqual(['opened cart/cart-7 outbound http', 'requestHeaders ', 'requestBody ""']);
  });

  test('without either it is unknown, and recorded', () => {
    const call = open({});
    call.session.message(envoy.requestHeaders({}));
    expect(call.lines()[0]).toBe('opened unknown/unknown inbound http');
  });

  test('a call that says nothing and names nobody leaves nothing', () => {
    const call = open({});
    call.session.ended('closed');
    expect(call.lines()).toEqual([]);
  });
});

describe('processing mode', () => {
  const mode = { observabilityMode: false };

  test('each message is answered in kind', () => {
    const { session } = open();
    const kinds = [
      envoy.requestHeaders({}, mode),
      envoy.requestBody('', mode),
      envoy.requestTrailers({}, mode),
      envoy.responseHeaders({}, mode),
      envoy.responseBody('', mode),
      envoy.responseTrailers({}, mode),
    ].map((message) => envoy.replyKind(session.message(message) ?? new Uint8Array(0)));
    expect(kinds).toEqual([
      'requestHeaders',
      'requestBody',
      'requestTrailers',
      'responseHeaders',
      'responseBody',
      'responseTrailers',
    ]);
  });
});

test('bytes that are no message are counted, and the call goes on', () => {
  const call = open();
  expect(call.session.message(Uint8Array.of(0x12, 0x7f))).toBeUndefined();
  call.session.message(envoy.requestHeaders({ ':path': '/a' }));
  expect(call.counters.faults).toBe(1);
  expect(call.lines()).toEqual(['opened orders/orders-1 inbound http', 'requestHeaders :path=/a']);
});

describe('may it be silent', () => {
  test.each([
    [
      'an ordinary exchange',
      ORDERS,
      [
        envoy.requestHeaders({ ':method': 'GET' }),
        envoy.responseHeaders({ ':status': '200', 'content-type': 'text/html' }),
      ],
      false,
    ],
    ['a database connection', { ...ORDERS, 'x-loop-protocol': 'postgres' }, [], true],
    ['a tunnel', ORDERS, [envoy.requestHeaders({ ':method': 'CONNECT' })], true],
    ['an upgrade asked for', ORDERS, [envoy.requestHeaders({ ':method': 'GET', upgrade: 'websocket' })], true],
    ['an upgrade granted', ORDERS, [envoy.responseHeaders({ ':status': '101' })], true],
    [
      'an event stream, chunks later',
      ORDERS,
      [
        envoy.responseHeaders({ ':status': '200', 'content-type': 'text/event-stream; charset=utf-8' }),
        envoy.responseBody('data: 1\n\n'),
      ],
      true,
    ],
    ['a gRPC call', ORDERS, [envoy.requestHeaders({ 'content-type': 'application/grpc+proto' })], true],
  ])('%s', (_name, metadata, messages, mayIdle) => {
    const { session } = open(metadata);
    for (const message of messages) session.message(message);
    expect(session.mayIdle()).toBe(mayIdle);
  });
});
