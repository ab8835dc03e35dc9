import { describe, expect, test } from 'vitest';
import type { EnvoyConfigError } from '../../../src/envoy-config/error.ts';
import { losses, parseVersion, TESTED_VERSION } from '../../../src/envoy-config/version.ts';

describe('the version of an Envoy', () => {
  test.each(['1.40', '1.40.0', 'v1.40.2'])('%s', (text) => {
    expect(parseVersion(text)).toEqual(TESTED_VERSION);
  });

  test.each([
    ['latest', 'bad-version'],
    ['1', 'bad-version'],
    ['1.30.9', 'unsupported-version'],
    ['0.99', 'unsupported-version'],
  ])('%s is refused as %s', (text, code) => {
    expect(() => parseVersion(text)).toThrow(expect.objectContaining({ code }) as EnvoyConfigError);
  });

  test('the tested one, and any after it, loses nothing', () => {
    expect(losses(TESTED_VERSION)).toEqual([]);
    expect(losses({ major: 2, minor: 0 })).toEqual([]);
  });

  test('1.38 adds spans; 1.35 also hides the answers of Envoy itself', () => {
    expect(losses(parseVersion('1.38'))).toEqual([expect.stringContaining('emit_client_span')]);
    expect(losses(parseVersion('1.35'))).toEqual([
      expect.stringContaining('emit_client_span'),
      expect.stringContaining('answers that Envoy makes itself'),
    ]);
  });
});
