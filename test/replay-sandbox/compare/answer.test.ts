import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../replay-sandbox/compare/answer.ts';
import { grpcOutcome, NO_ANSWER } from '../../../replay-sandbox/compare/answer.ts';
import { compareAnswers } from '../../../replay-sandbox/compare/compare.ts';
import { encodeGrpcFrame } from '../../../src/wire/grpc/framing.ts';
import { quote } from '../../support/protobuf.ts';
import { headers, T0 } from '../../support/transaction.ts';

const WINDOW = { recordedAt: T0, now: T0 + 30 * 86_400_000 };
const framed = (bytes: Uint8Array, compressed = false) => encodeGrpcFrame({ compressed, bytes });

function answer(status: string, text: string, body: Uint8Array = new Uint8Array(), more = {}): Answer {
  const trailers = headers({ 'grpc-status': status, 'grpc-message': text });
  return { status: 200, headers: headers({ 'content-type': 'application/grpc', ...more }), trailers, body };
}

const trailersOnly = ({ headers: first, trailers = [], ...rest }: Answer): Answer => ({
  ...rest,
  headers: [...first, ...trailers],
});

const found = (recorded: Answer, replayed: Answer) =>
  compareAnswers(recorded, replayed, WINDOW).map((one) => [one.where, one.recorded, one.asked]);

describe('the outcome of a gRPC answer', () => {
  it('is in its trailers or its headers, its message decoded', () => {
    const outcome = { status: 13, name: 'INTERNAL', message: 'caf\u00e9' };
    expect(grpcOutcome(answer('13', 'caf%C3%A9'))).toEqual(outcome);
    expect(grpcOutcome(trailersOnly(answer('13', 'caf%C3%A9')))).toEqual(outcome);
    expect(grpcOutcome(NO_ANSWER)).toBeUndefined();
  });

  it('is the same with or without headers in front of it', () => {
    expect(found(answer('13', 'kaput'), trailersOnly(answer('13', 'kaput')))).toEqual([]);
  });

  it('differs by status and message', () => {
    expect(found(answer('13', 'kaput'), answer('0', ''))).toEqual([
      ['grpc-status', '13', '0'],
      ['grpc-message', 'kaput', undefined],
    ]);
  });

  it('does not differ by how a server says OK', () => {
    expect(
      found(answer('0', ''), answer('0', 'OK', new Uint8Array(), { 'content-type': 'application/grpc+proto' })),
    ).toEqual([]);
  });
});

describe('the message of a gRPC answer', () => {
  const at = (seconds: number) => ({ seconds: T0 / 1000 + seconds, nanos: 12 });

  it('is compared field by field, without noise, compressed or not', () => {
    const one = quote({ sku: 'A', count: 1, at: at(0) });
    const other = quote({ sku: 'A', count: 1, at: at(30 * 86_400) });
    expect(found(answer('0', '', framed(one)), answer('0', '', framed(other)))).toEqual([]);
    const squeezed = answer('0', '', framed(gzipSync(other), true), { 'grpc-encoding': 'gzip' });
    expect(found(answer('0', '', framed(one)), squeezed)).toEqual([]);
  });

  it('differs where a field does', () => {
    const priced = (price: number) => framed(quote({ sku: 'A', lines: [{ name: 'Mug', price }] }));
    expect(found(answer('0', '', priced(4.5)), answer('0', '', priced(5)))).toEqual([['body.5.2', '4.5', '5']]);
  });

  it('that is none is compared as bytes', () => {
    expect(found(answer('0', '', Uint8Array.of(0, 0)), answer('0', '', Uint8Array.of(0, 1)))).toEqual([
      ['body', '0000', '0001'],
    ]);
  });
});
