import { describe, expect, it } from 'vitest';
import {
  grpcStatusName,
  grpcStatusOf,
  isGrpc,
  isReflection,
  parseGrpcStatus,
  rawGrpcMessageOf,
} from '../../../src/domain/grpc.ts';
import { headers } from '../../support/transaction.ts';

const GRPC = { 'content-type': 'application/grpc' };

describe('the status of a gRPC answer', () => {
  it.each([
    ['in its trailers', GRPC, { 'grpc-status': '13', 'grpc-message': 'kaput' }, 13, 'kaput'],
    ['in its headers, trailers-only', { ...GRPC, 'grpc-status': '5', 'grpc-message': 'nobody' }, {}, 5, 'nobody'],
    ['OK', GRPC, { 'grpc-status': '0' }, 0, undefined],
    ['that is no number', GRPC, { 'grpc-status': 'oops' }, 2, undefined],
    ['that never came', GRPC, {}, undefined, undefined],
    ['of what is no gRPC', { 'content-type': 'text/plain', 'grpc-status': '13' }, {}, undefined, undefined],
  ])('%s', (_where, first, last, status, text) => {
    const response = { headers: headers(first), trailers: headers(last) };
    expect([grpcStatusOf(response), rawGrpcMessageOf(response)]).toEqual([status, text]);
  });

  it.each([
    ['application/grpc', true],
    ['application/grpc+proto', true],
    ['application/grpc; charset=x', true],
    ['application/grpc-web+proto', false],
    ['application/json', false],
    [undefined, false],
  ])('is looked for in %s: %s', (type, yes) => expect(isGrpc(type)).toBe(yes));

  it('has a name', () => {
    expect([0, 13, 16, 17].map(grpcStatusName)).toEqual(['OK', 'INTERNAL', 'UNAUTHENTICATED', 'UNKNOWN']);
    expect(['14', ' 14', '-1', '', '99999999999'].map(parseGrpcStatus)).toEqual([14, 14, 2, 2, 2]);
  });
});

it.each([
  ['/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', true],
  ['/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo', true],
  ['/grpc.reflection.v2.ServerReflection/ServerReflectionInfo', false],
  ['/shop.Pricing/Quote', false],
])('%s asks for descriptors: %s', (path, is) => expect(isReflection(path)).toBe(is));
