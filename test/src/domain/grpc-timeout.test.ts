import { expect, it } from 'vitest';
import { formatGrpcTimeout, parseGrpcTimeout } from '../../../src/domain/grpc-timeout.ts';

it.each([
  ['1H', 3_600_000],
  ['2M', 120_000],
  ['3S', 3000],
  ['250m', 250],
  ['1500u', 1.5],
  ['99999999n', 99.999_999],
  ['', undefined],
  ['5', undefined],
  ['123456789m', undefined],
  ['-1S', undefined],
  ['1s', undefined],
])('grpc-timeout %s is %s ms', (text, ms) => expect(parseGrpcTimeout(text)).toBe(ms));

it.each([
  [0, '0m'],
  [1.2, '2m'],
  [99_999_999, '99999999m'],
  [100_000_000, '100000S'],
  [1e20, '99999999S'],
  [-5, '0m'],
])('%s ms are written %s', (ms, text) => expect(formatGrpcTimeout(ms)).toBe(text));
