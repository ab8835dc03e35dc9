import { isIP } from 'node:net';
import { discoveryType, envoyAddress } from './address.ts';
import type { Address } from './address.ts';
import type { SinkTls, UpstreamTls } from './options.ts';
import { extension, typed } from './tree.ts';
import type { Fields } from './tree.ts';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

export function httpProtocolOptions(fields: Fields): Fields {
  return { [HTTP_OPTIONS]: typed(HTTP_OPTIONS, fields) };
}

/** A cluster that speaks to its endpoint what it was spoken to: HTTP/1.1 stays HTTP/1.1, HTTP/2 and gRPC stay HTTP/2. `filters` stand behind the router. */
export function httpCluster(name: string, address: Address, filters?: readonly Fields[]): Fields {
  const protocols = { http_protocol_options: { enable_trailers: true }, http2_protocol_options: {} };
  return {
    ...tcpCluster(name, address),
    typed_extension_protocol_options: httpProtocolOptions({
      use_downstream_protocol_config: protocols,
      http_filters: filters,
    }),
  };
}

/** TLS that Envoy begins: `name` is asked for (SNI), and has to be in the certificate. `alpn`: what is to be spoken inside. `own`: what Envoy shows. */
export function originateTls(name: string, { ca }: UpstreamTls, alpn?: string, own?: SinkTls['own']): Fields {
  const isAddress = isIP(name) !== 0;
  const names = [{ san_type: isAddress ? 'IP_ADDRESS' : 'DNS', matcher: { exact: name } }];
  const validation = { trusted_ca: { filename: ca }, match_typed_subject_alt_names: names };
  return extension('envoy.transport_sockets.tls', 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    // An address is no server name. https://www.rfc-editor.org/rfc/rfc6066#section-3
    sni: isAddress ? undefined : name,
    common_tls_context: {
      alpn_protocols: alpn === undefined ? undefined : [alpn],
      tls_certificates: own && [{ certificate_chain: { filename: own.cert }, private_key: { filename: own.key } }],
      validation_context: validation,
    },
  });
}

export function tcpCluster(name: string, address: Address): Fields {
  return {
    name,
    type: discoveryType(address),
    connect_timeout: '1s',
    load_assignment: loadAssignment(name, envoyAddress(address)),
  };
}

/** A cluster whose endpoint is an internal listener of the same Envoy. */
export function internalCluster(name: string, more: Fields = {}): Fields {
  const address = { envoy_internal_address: { server_listener_name: name } };
  return { name, ...more, load_assignment: loadAssignment(name, address) };
}

export function loadAssignment(cluster: string, address: Fields): Fields {
  return { cluster_name: cluster, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] };
}
