import { expect, test } from 'vitest';
import { captureFilter } from '../../../src/envoy-config/capture.ts';
import { PRICING } from '../../support/sidecar-options.ts';

function metadata(speaker: typeof PRICING.speaker): unknown {
  return captureFilter({ ...PRICING, speaker }, { direction: 'outbound', protocol: 'postgres' });
}

test('each call says who speaks, which way, and what', () => {
  expect(metadata({ service: 'pricing', instance: 'pricing-1', version: '1.4.0' })).toMatchObject({
    typed_config: {
      grpc_service: {
        initial_metadata: [
          { key: 'x-loop-service', value: 'pricing' },
          { key: 'x-loop-instance', value: 'pricing-1' },
          { key: 'x-loop-version', value: '1.4.0' },
          { key: 'x-loop-direction', value: 'outbound' },
          { key: 'x-loop-protocol', value: 'postgres' },
        ],
      },
    },
  });
});

test('without an instance Envoy says its host name; a percent sign is no format', () => {
  expect(metadata({ service: '100%' })).toMatchObject({
    typed_config: {
      grpc_service: {
        initial_metadata: [
          { key: 'x-loop-service', value: '100%%' },
          { key: 'x-loop-instance', value: '%HOSTNAME%' },
          { key: 'x-loop-direction', value: 'outbound' },
          { key: 'x-loop-protocol', value: 'postgres' },
        ],
      },
    },
  });
});

test('it never stands in the way, whatever becomes of the sink', () => {
  expect(captureFilter(PRICING, { direction: 'inbound', protocol: 'http' })).toMatchObject({
    typed_config: {
      observability_mode: true,
      failure_mode_allow: true,
      emit_client_span: false,
      deferred_close_timeout: '1s',
    },
  });
});

test('an Envoy that does not know emit_client_span is not given it', () => {
  const filter = captureFilter(
    { ...PRICING, envoyVersion: { major: 1, minor: 39 } },
    { direction: 'inbound', protocol: 'http' },
  );
  expect(JSON.stringify(filter)).not.toContain('emit_client_span');
});

test('chosen variables are told where requests come in', () => {
  const speaker = { service: 'pricing', environment: ['FEATURE_X', 'REGION'] };
  const filter = (direction: 'inbound' | 'outbound') =>
    JSON.stringify(captureFilter({ ...PRICING, speaker }, { direction, protocol: 'http' }));
  expect(filter('inbound')).toContain('{"key":"x-loop-env-0","value":"FEATURE_X=%ENVIRONMENT(FEATURE_X)%"}');
  expect(filter('inbound')).toContain('{"key":"x-loop-env-1","value":"REGION=%ENVIRONMENT(REGION)%"}');
  expect(filter('outbound')).not.toContain('x-loop-env');
});

test.each([
  ['DB_PASSWORD', 'DB_PASSWORD sounds like a secret'],
  ['A B', '"A B" is no name of a variable'],
])('%s is not carried', (name, message) => {
  const speaker = { service: 'pricing', environment: [name] };
  expect(() => captureFilter({ ...PRICING, speaker }, { direction: 'inbound', protocol: 'http' })).toThrow(message);
});
