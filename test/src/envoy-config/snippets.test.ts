import { expect, test } from 'vitest';
import { snippets, snippetsYaml } from '../../../src/envoy-config/snippets.ts';
import { PRICING } from '../../support/sidecar-options.ts';

test('the pieces for an Envoy that is already there', async () => {
  await expect(snippetsYaml(PRICING)).toMatchFileSnapshot('../../fixtures/envoy-config/snippets.yaml');
});

test('one piece per database', () => {
  expect(snippets(PRICING).map(({ name }) => name)).toEqual([
    'inbound-filter',
    'outbound-filter',
    'inbound-log',
    'outbound-log',
    'sink-cluster',
    'tcp-postgres',
  ]);
  expect(snippets({ ...PRICING, tcp: [] }).map(({ name }) => name)).toEqual([
    'inbound-filter',
    'outbound-filter',
    'inbound-log',
    'outbound-log',
    'sink-cluster',
  ]);
});

test('what an older Envoy loses is said first', () => {
  expect(snippetsYaml({ ...PRICING, envoyVersion: { major: 1, minor: 39 } })).toMatch(/^# before 1\.40:/);
});
