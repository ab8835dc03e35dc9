import { describe, expect, test } from 'vitest';
import { socket } from '../../../src/envoy-config/address.ts';
import { sidecarConfig, sidecarYaml } from '../../../src/envoy-config/sidecar.ts';
import { PRICING } from '../../support/sidecar-options.ts';

const { outbound: _outbound, tcp: _tcp, ...INBOUND_ONLY } = PRICING;

describe('the sidecar of a service', () => {
  test('with upstreams and a database', async () => {
    await expect(sidecarYaml(PRICING)).toMatchFileSnapshot('../../fixtures/envoy-config/sidecar.yaml');
  });

  test('with nothing to call has an inbound listener and the sink', () => {
    expect(sidecarConfig(INBOUND_ONLY)).toMatchObject({
      static_resources: { listeners: [{ name: 'inbound' }], clusters: [{ name: 'local_app' }, { name: 'loop_sink' }] },
    });
  });

  test('of an older Envoy says what is lost', () => {
    const text = sidecarYaml({ ...INBOUND_ONLY, envoyVersion: { major: 1, minor: 35 } });
    expect(text.split('\n').filter((line) => line.startsWith('#'))).toEqual([
      '# Envoy 1.35: records to the cluster loop_sink, and goes on without it.',
      expect.stringContaining('# before 1.40:'),
      expect.stringContaining('# before 1.37'),
    ]);
    expect(text).not.toContain('emit_client_span:');
  });

  test('speaks TLS to a host for the application, by its name and an authority', async () => {
    const rates = {
      name: 'rates',
      hosts: ['rates.example.test', 'rates'],
      address: socket('203.0.113.9', 443),
      tls: { ca: '/etc/hosts' },
    };
    const options = { ...PRICING, outbound: { listen: socket('127.0.0.1', 1), upstreams: [rates] } };
    expect(sidecarConfig(options)).toMatchObject({
      static_resources: {
        clusters: [
          { name: 'local_app' },
          {
            name: 'rates',
            transport_socket: {
              typed_config: {
                sni: 'rates.example.test',
                common_tls_context: {
                  validation_context: {
                    trusted_ca: { filename: '/etc/hosts' },
                    match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: 'rates.example.test' } }],
                  },
                },
              },
            },
          },
          { name: 'outbound_tunnelled' },
          { name: 'postgres' },
          { name: 'tcp_loop_postgres' },
          { name: 'loop_sink' },
        ],
      },
    });
  });

  test('takes each name once', () => {
    const twice = { name: 'postgres', hosts: ['postgres.shop'], address: socket('10.0.0.9', 80) };
    const options = { ...PRICING, outbound: { listen: socket('127.0.0.1', 1), upstreams: [twice] } };
    expect(() => sidecarConfig(options)).toThrow('two upstreams are called "postgres"');
    const odd = { ...PRICING, outbound: { listen: socket('127.0.0.1', 1), upstreams: [{ ...twice, name: 'a b' }] } };
    expect(() => sidecarConfig(odd)).toThrow('"a b" cannot name an upstream');
  });
});
