/** The configuration Loop prints, bent to what a test needs: filters around the capturing one, retries, tracing. */
import { sidecarConfig } from '../../src/envoy-config/sidecar.ts';
import type { SidecarOptions } from '../../src/envoy-config/options.ts';
import { extension } from '../../src/envoy-config/tree.ts';
import type { Fields } from '../../src/envoy-config/tree.ts';

export interface Bends {
  /** HTTP filters before and behind the capturing one of the inbound listener. */
  readonly front?: readonly Fields[];
  readonly behind?: readonly Fields[];
  /** Retry policy by name of the outbound virtual host. */
  readonly retries?: Readonly<Record<string, Fields>>;
  /** The capturing filter is taken out, or the access log. */
  readonly without?: 'filter' | 'log';
  /** Envoy itself traces, and reports to nobody. */
  readonly tracing?: boolean;
  /**
   * Sink, service and client may share one thread in a test, and the machine with other tests: an Envoy that takes a second of
   * silence for a stopped sink would leave exchanges out for that.
   */
  readonly patient?: boolean;
}

/** The bootstrap as JSON, which is YAML as well. */
export function bentSidecar(options: SidecarOptions, bends: Bends): string {
  const bootstrap = JSON.parse(JSON.stringify(sidecarConfig(options))) as Bootstrap;
  for (const manager of managersOf(bootstrap)) {
    const [capture, router] = manager.http_filters;
    if (capture === undefined || router === undefined) throw new Error('The sidecar has other filters than it had.');
    if (manager.stat_prefix === 'inbound')
      manager.http_filters = [...(bends.front ?? []), capture, ...(bends.behind ?? []), router];
    if (bends.without === 'filter') manager.http_filters = manager.http_filters.filter((filter) => filter !== capture);
    if (bends.without === 'log') delete manager.access_log;
    if (bends.tracing === true) manager.tracing = { provider: TRACER };
    for (const host of manager.route_config.virtual_hosts) {
      const policy = bends.retries?.[host.name];
      const route = host.routes.at(-1)?.route;
      if (policy !== undefined && route !== undefined) route.retry_policy = policy;
    }
  }
  const text = JSON.stringify(bootstrap);
  return bends.patient === true ? patient(text) : text;
}

function patient(json: string): string {
  return json
    .replace('"health_checks":[{"timeout":"1s"', '"health_checks":[{"timeout":"60s"')
    .replace(
      '"connection_keepalive":{"interval":"1s","timeout":"2s"}',
      '"connection_keepalive":{"interval":"60s","timeout":"60s"}',
    );
}

/** A filter that answers 403, or what `x-status` says, when `x-refused` names its place. */
export function refusingFilter(place: 'front' | 'behind'): Fields {
  const code = [
    'function envoy_on_request(handle)',
    `  if handle:headers():get("x-refused") == "${place}" then`,
    `    handle:respond({[":status"] = handle:headers():get("x-status") or "403", ["x-own"] = "refused"}, "refused ${place}")`,
    '  end',
    'end',
  ].join('\n');
  return extension('envoy.filters.http.lua', 'envoy.extensions.filters.http.lua.v3.Lua', {
    default_source_code: { inline_string: code },
  });
}

const TRACER = extension('envoy.tracers.opentelemetry', 'envoy.config.trace.v3.OpenTelemetryConfig', {
  service_name: 'traced',
  http_service: { http_uri: { uri: 'http://nobody/v1/traces', cluster: 'local_app', timeout: '0.1s' } },
});

interface Manager {
  readonly stat_prefix: string;
  http_filters: readonly Fields[];
  access_log?: readonly Fields[];
  tracing?: Fields;
  readonly route_config: {
    readonly virtual_hosts: readonly {
      readonly name: string;
      readonly routes: readonly { readonly route?: { retry_policy?: Fields } }[];
    }[];
  };
}

interface Bootstrap {
  readonly static_resources: {
    readonly listeners: readonly {
      readonly filter_chains: readonly { readonly filters: readonly { readonly typed_config: Manager }[] }[];
    }[];
  };
}

function managersOf(bootstrap: Bootstrap): readonly Manager[] {
  return bootstrap.static_resources.listeners.flatMap((listener) =>
    listener.filter_chains.flatMap((chain) =>
      chain.filters.map((filter) => filter.typed_config).filter((config) => Array.isArray(config.http_filters)),
    ),
  );
}
