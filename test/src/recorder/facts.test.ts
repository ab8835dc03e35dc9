import { describe, expect, it } from 'vitest';
import { requestHeaders, responseBody, responseHeaders, responseTrailers } from '../../support/extproc.ts';
import { recordedWebSocket } from '../../support/recorded-websocket.ts';
import { closeFrame, frame, framed } from '../../support/websocket-frames.ts';
import { noFacts, noteEnd, noteMessage } from '../../../src/recorder/facts.ts';
import { factsOf } from '../../../src/verdict/facts.ts';
import { judge } from '../../../src/verdict/rules.ts';
import { createScannedMessage, scanMessage } from '../../../src/wire/extproc/scan.ts';

/** Facts of an exchange whose messages passed one by one. */
function factsAfter(...messages: readonly Uint8Array[]) {
  const facts = noFacts();
  for (const bytes of messages) {
    const scanned = scanMessage(bytes, createScannedMessage());
    if ('fault' in scanned) throw new Error(scanned.fault);
    noteMessage(facts, bytes, scanned);
  }
  return { ...facts, end: 'closed' as const };
}

const ASKED = requestHeaders({ ':method': 'POST', ':path': '/shop.Pricing/Quote' }, { endOfStream: true });
const BEGUN = { ':status': '200', 'content-type': 'application/grpc+proto' };

describe('gRPC, as its messages pass', () => {
  it('the status is in the trailers, which end the answer', () => {
    const facts = factsAfter(
      ASKED,
      responseHeaders(BEGUN),
      responseBody('\0\0\0\0\0'),
      responseTrailers({ 'grpc-status': '13' }),
    );
    expect(facts).toMatchObject({ grpcStatus: 13, responseComplete: true });
    expect(judge(facts)).toEqual({ kind: 'status', summary: 'grpc 13 INTERNAL' });
  });

  it('trailers-only: the status is in the headers', () => {
    const facts = factsAfter(ASKED, responseHeaders({ ...BEGUN, 'grpc-status': '14' }, { endOfStream: true }));
    expect(judge(facts)).toEqual({ kind: 'unavailable', summary: 'grpc 14 UNAVAILABLE' });
  });

  it('no trailers: the answer was cut off', () => {
    const facts = factsAfter(ASKED, responseHeaders(BEGUN), responseBody('\0\0\0\0\0'));
    expect(judge(facts)).toEqual({ kind: 'reset', summary: '200 answer cut off before its end' });
  });

  it('the deadline is in the request', () => {
    const asked = (type: string) =>
      factsAfter(requestHeaders({ ':method': 'POST', 'content-type': type, 'grpc-timeout': '3S' }));
    expect(asked('application/grpc').deadlineMs).toBe(3000);
    expect(asked('application/grpc-web').deadlineMs).toBeUndefined();
  });

  it.each([
    [true, 'Envoy holds its call open for a second', 400],
    [false, 'Envoy ends its call with it', 1400],
  ])(
    'where it broke off is told by the end of its call; observability mode %s: %s',
    (observabilityMode, _, brokeOffMs) => {
      const facts = factsAfter(requestHeaders({ ':method': 'POST' }, { observabilityMode }));
      noteEnd(facts, 'closed', 1400);
      expect(facts).toMatchObject({ end: 'closed', brokeOffMs });
    },
  );

  it('trailers of another protocol say nothing', () => {
    const facts = factsAfter(
      ASKED,
      responseHeaders({ ':status': '200', 'content-type': 'text/plain' }),
      responseTrailers({ 'grpc-status': '13' }),
    );
    expect(judge(facts)).toBeUndefined();
  });
});

describe('a WebSocket, as its messages pass', () => {
  const upgrade = [
    requestHeaders({ ':method': 'GET', ':path': '/', upgrade: 'websocket' }),
    responseHeaders({ ':status': '101' }),
  ];
  const closed = framed([closeFrame(1011, 'why')]);
  // What a message holds may look like the end of one.
  const lookalike = framed([frame('binary', closed)]);
  const after = (...pieces: readonly Uint8Array[]) =>
    factsAfter(...upgrade, ...pieces.map((piece) => responseBody(piece)));
  it('its last bytes decide how it ended', () => {
    expect(after(closed).closeCode).toBe(1011);
    expect(after(closed, new Uint8Array(0)).closeCode).toBe(1011);
    expect(after(lookalike, framed([closeFrame(1000)])).closeCode).toBeUndefined();
  });
  it('the same is read of an exchange', () => {
    const of = (...pieces: readonly Uint8Array[]) =>
      factsOf(recordedWebSocket(pieces.map((piece, at) => ['server', at, piece] as const))).closeCode;
    expect(of(closed)).toBe(1011);
    expect(of(closed, new Uint8Array(0))).toBe(1011);
    expect(of(lookalike, framed([closeFrame(1000)]))).toBeUndefined();
  });
});
