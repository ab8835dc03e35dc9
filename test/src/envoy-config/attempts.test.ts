import { expect, test } from 'vitest';
import { attemptFilters } from '../../../src/envoy-config/attempts.ts';
import { sidecarConfig, sidecarYaml } from '../../../src/envoy-config/sidecar.ts';
import { snippets } from '../../../src/envoy-config/snippets.ts';
import { validate } from '../../support/envoy.ts';
import { PRICING } from '../../support/sidecar-options.ts';

const WITH = { ...PRICING, attempts: true };

test('the filter of attempts says its role, sees headers alone, and stands in front of the codec', () => {
  const [capture, codec] = attemptFilters(PRICING);
  expect(capture).toMatchObject({
    typed_config: {
      stat_prefix: 'loop_attempt',
      observability_mode: true,
      failure_mode_allow: true,
      grpc_service: {
        initial_metadata: [
          { key: 'x-loop-service', value: 'pricing' },
          { key: 'x-loop-instance', value: 'pricing-1' },
          { key: 'x-loop-version', value: '1.4.0' },
          { key: 'x-loop-direction', value: 'outbound' },
          { key: 'x-loop-protocol', value: 'http' },
          { key: 'x-loop-role', value: 'attempt' },
        ],
      },
      processing_mode: { request_body_mode: 'NONE', response_body_mode: 'NONE' },
    },
  });
  expect(codec).toMatchObject({ name: 'envoy.filters.http.upstream_codec' });
});

test('it stands behind the router to each upstream, and nowhere unless asked for', () => {
  const filtered = (options: typeof PRICING) =>
    (
      JSON.parse(JSON.stringify(sidecarConfig(options))) as { static_resources: { clusters: { name: string }[] } }
    ).static_resources.clusters
      .filter((cluster) => JSON.stringify(cluster).includes('loop_attempt'))
      .map(({ name }) => name);
  expect(filtered(WITH)).toEqual(['accounts', 'promotions']);
  expect(filtered(PRICING)).toEqual([]);
});

test('Envoy takes it', async () => {
  expect(await validate(sidecarYaml(WITH))).toBe('OK');
});

test('as a snippet it says where it goes', () => {
  const snippet = snippets(WITH).find(({ name }) => name === 'attempt-filter');
  expect(snippet?.where.join(' ')).toMatch(/HttpProtocolOptions .+ of each cluster whose calls are retried/);
  expect(snippets(PRICING).map(({ name }) => name)).not.toContain('attempt-filter');
});
