import { describe, expect, it } from 'vitest';
import { buildExchange, readContent } from '../../../src/assembly/exchange.ts';
import { splitAuthority } from '../../../src/domain/authority.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { bodyOf } from '../../../src/domain/exchange.ts';
import type { Segment, SegmentKind } from '../../../src/domain/segment.ts';
import { encodeEnd, encodeGap } from '../../../src/wire/segments/record.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders, responseTrailers } from '../../support/extproc.ts';
import { RECORDER, stream, T0, vantage } from '../../support/transaction.ts';

type Piece = Uint8Array | readonly [SegmentKind, Uint8Array] | 'lost';

/** Pieces one millisecond apart; `lost` takes a number and leaves nothing. */
function segmentsOf(pieces: readonly Piece[]): readonly Segment[] {
  return pieces.flatMap((piece, sequence) => {
    if (piece === 'lost') return [];
    const [kind, payload] = piece instanceof Uint8Array ? (['message', piece] as const) : piece;
    return [{ kind, payload, stream: 1, sequence, at: T0 + sequence, flags: 0, openInbound: 1, owner: 0 }];
  });
}

function built(direction: 'inbound' | 'outbound', ...pieces: readonly Piece[]): Exchange {
  const recorded = { id: stream(1), recorder: RECORDER, segments: segmentsOf(pieces), state: [] };
  return buildExchange(recorded, readContent(recorded), vantage('shop', direction), []);
}

const GET = { ':method': 'GET', ':path': '/p', ':authority': 'Prices.Shop:8080', ':scheme': 'http' };
const asked = requestHeaders(GET, { endOfStream: true });
const answered = responseHeaders({ ':status': '200' });
const ENDED = ['ended', encodeEnd('closed')] as const;

describe('an exchange', () => {
  it('whole: both messages, their bodies in chunks, times, trailers', () => {
    const exchange = built(
      'outbound',
      requestHeaders({ ...GET, ':method': 'POST' }),
      requestBody('one '),
      requestBody('two', { endOfStream: true }),
      answered,
      responseBody('three'),
      responseTrailers({ 'grpc-status': '0' }),
      ENDED,
    );
    expect(exchange).toMatchObject({
      peer: { name: 'prices.shop', port: 8080 },
      startedAt: T0,
      endedAt: T0 + 5,
      end: 'closed',
      request: { complete: true, startedAt: T0, endedAt: T0 + 2 },
      response: { complete: true, trailers: [{ name: 'grpc-status', value: '0' }] },
    });
    expect(exchange.request?.body.map(({ at }) => at)).toEqual([T0 + 1, T0 + 2]);
    expect(Buffer.from(exchange.request ? bodyOf(exchange.request) : []).toString()).toBe('one two');
  });

  it.each<[string, readonly Piece[], object]>([
    ['that got no answer', [asked, ENDED], { response: undefined, request: { complete: true } }],
    ['whose answer broke off', [asked, answered, responseBody('ha'), ENDED], { response: { complete: false } }],
    ['that is still going on', [asked, answered], { end: 'open', response: { complete: false } }],
    [
      'that was refused before the filter',
      [responseHeaders({ ':status': '401' }, { endOfStream: true }), ENDED],
      { request: undefined, response: { complete: true } },
    ],
    [
      'with a piece lost in its answer',
      [asked, answered, 'lost', responseBody('x', { endOfStream: true })],
      { response: { complete: false }, request: { complete: true } },
    ],
    [
      'with bytes cut by the budget',
      [
        asked,
        answered,
        ['gap', encodeGap({ side: 'server', reason: 'budget', bytes: 7 })],
        responseBody('', { endOfStream: true }),
      ],
      { response: { complete: false }, gaps: [{ side: 'server', reason: 'budget', bytes: 7 }] },
    ],
  ])('%s', (_what, pieces, expected) => {
    expect({ request: undefined, response: undefined, ...built('outbound', ...pieces) }).toMatchObject(expected);
  });

  it('a message that cannot be read is a loss, and the rest stands', () => {
    const recorded = {
      id: stream(1),
      recorder: RECORDER,
      segments: segmentsOf([asked, Uint8Array.of(0xff, 0xff), answered]),
      state: [],
    };
    const content = readContent(recorded);
    expect(content).toMatchObject({ lost: 1, messages: [{}, {}] });
  });

  it('takes flags, details and context from what Envoy says of it', () => {
    const attributes = {
      'response.flags': 2,
      'response.code_details': 'upstream_reset',
      'request.protocol': 'HTTP/2',
      'upstream.address': '10.0.0.7:80',
    };
    const headers = { ...GET, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'x-request-id': 'r-1' };
    const exchange = built(
      'outbound',
      requestHeaders(headers, { endOfStream: true }),
      responseHeaders({ ':status': '503' }, { endOfStream: true, attributes }),
    );
    expect(exchange).toMatchObject({
      protocol: 'http/2',
      details: 'upstream_reset',
      requestId: 'r-1',
      trace: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
      peer: { address: '10.0.0.7:80' },
    });
    expect(exchange.flags).toHaveLength(1);
  });
});

describe('who an authority names', () => {
  it.each([
    ['prices', undefined, { name: 'prices', port: 80 }],
    ['Prices.Shop:8080', undefined, { name: 'prices.shop', port: 8080 }],
    ['127.0.0.1:15001', 'prices', { name: 'prices', port: 15001 }],
    ['localhost', 'prices', { name: 'prices', port: 80 }],
    ['[::1]:8080', 'prices', { name: 'prices', port: 8080 }],
    ['[2001:db8::1]:443', undefined, { name: '[2001:db8::1]', port: 443 }],
    ['', undefined, { name: '', port: 80 }],
  ])('%s, cluster %s', (authority, cluster, peer) => {
    expect(splitAuthority(authority, cluster, 80)).toEqual(peer);
  });

  it('https without a port is port 443', () => {
    expect(
      built('outbound', requestHeaders({ ...GET, ':authority': 'api.test', ':scheme': 'https' }, { endOfStream: true }))
        .peer,
    ).toMatchObject({ name: 'api.test', port: 443 });
  });
});
