import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/envoy-config/address.ts';
import { sidecarYaml } from '../../src/envoy-config/sidecar.ts';
import { snippets } from '../../src/envoy-config/snippets.ts';
import { toYaml } from '../../src/envoy-config/yaml.ts';
import { validate } from '../support/envoy.ts';
import { PRICING } from '../support/sidecar-options.ts';

const { outbound: _outbound, tcp: _tcp, ...INBOUND_ONLY } = PRICING;

describe('Envoy accepts', () => {
  test.each([
    ['a sidecar with upstreams and a database', PRICING],
    ['a sidecar with nothing to call', INBOUND_ONLY],
    ['a sink that is found by name', { ...PRICING, sink: parseAddress('loopd.loop.svc:5678') }],
    ['a service without instance and version', { ...PRICING, speaker: { service: '100%' } }],
    ['what is made for an older release', { ...PRICING, envoyVersion: { major: 1, minor: 31 } }],
  ])('%s', async (_, options) => {
    expect(await validate(sidecarYaml(options))).toBe('OK');
  });

  test('the snippets, put where they say', async () => {
    expect(await validate(somebodysEnvoy())).toBe('OK');
  });

  test('no misspelt field: the check can fail', async () => {
    const misspelt = sidecarYaml(PRICING).replace('observability_mode', 'observation_mode');
    expect(await validate(misspelt)).toContain('observation_mode');
  });
});

/** A bootstrap of somebody's own with the snippets in it. */
function somebodysEnvoy(): string {
  const [inbound, outbound, inboundLog, outboundLog, sink, tcp] = snippets(PRICING).map(
    ({ tree }) => tree,
  ) as unknown as [Filters, Filters, Log, Log, Clusters, Tcp];
  const router = {
    name: 'router',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
  };
  const listener = (name: string, port: number, { http_filters: filters }: Filters, log: Log) => ({
    name,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [{ filters: [manager(name, [...filters, router], log)] }],
  });
  const { listeners, clusters } = tcp.static_resources;
  return toYaml({
    bootstrap_extensions: tcp.bootstrap_extensions,
    static_resources: {
      listeners: [
        listener('in', 15006, inbound, inboundLog),
        listener('out', 15001, outbound, outboundLog),
        ...listeners,
      ],
      clusters: [...sink.clusters, ...clusters],
    },
  });
}

function manager(name: string, filters: readonly object[], log: Log) {
  const type = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  const typed = { '@type': type, stat_prefix: name, route_config: { name }, http_filters: filters, ...log };
  return { name: 'envoy.filters.network.http_connection_manager', typed_config: typed as never };
}

interface Filters {
  readonly http_filters: readonly never[];
}
interface Log {
  readonly access_log: readonly never[];
}
interface Clusters {
  readonly clusters: readonly never[];
}
interface Tcp {
  readonly bootstrap_extensions: readonly never[];
  readonly static_resources: { readonly listeners: readonly never[]; readonly clusters: readonly never[] };
}
