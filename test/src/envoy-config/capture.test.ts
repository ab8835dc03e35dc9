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
