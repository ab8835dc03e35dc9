import { envoyAddress } from './address.ts';
import { inbound, outbound } from './http.ts';
import { checkNames } from './options.ts';
import type { SidecarOptions } from './options.ts';
import { SINK_CLUSTER, sinkCluster } from './sink.ts';
import { tcpLoop } from './tcp.ts';
import { extension } from './tree.ts';
import type { Fields } from './tree.ts';
import { losses } from './version.ts';
import type { EnvoyVersion } from './version.ts';
import { toYaml } from './yaml.ts';

/** A whole bootstrap: the sidecar of one service. Throws EnvoyConfigError `bad-option`. */
export function sidecarConfig(options: SidecarOptions): Fields {
  checkNames(options);
  const parts = [
    inbound(options),
    outbound(options),
    ...(options.tcp ?? []).map((upstream) => tcpLoop(options, upstream)),
  ];
  const { service, instance } = options.speaker;
  return {
    node: { id: instance ?? service, cluster: service },
    admin: { address: envoyAddress(options.admin) },
    bootstrap_extensions: [internalListeners()],
    static_resources: {
      listeners: parts.flatMap((part) => part.listeners),
      clusters: [...parts.flatMap((part) => part.clusters), sinkCluster(options)],
    },
  };
}

/** The same as YAML text; its first lines say what an older Envoy loses. */
export function sidecarYaml(options: SidecarOptions): string {
  return toYaml(sidecarConfig(options), [heading(options.envoyVersion), ...losses(options.envoyVersion)]);
}

/** Internal listeners need this extension in the bootstrap. */
export function internalListeners(): Fields {
  return extension(
    'envoy.bootstrap.internal_listener',
    'envoy.extensions.bootstrap.internal_listener.v3.InternalListener',
  );
}

function heading({ major, minor }: EnvoyVersion): string {
  return `Envoy ${String(major)}.${String(minor)}: records to the cluster ${SINK_CLUSTER}, and goes on without it.`;
}
