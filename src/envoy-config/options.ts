import { isSecretName } from '../domain/secret-name.ts';
import type { Address } from './address.ts';
import { EnvoyConfigError } from './error.ts';
import type { EnvoyVersion } from './version.ts';

/** Who the recorded traffic belongs to. */
export interface Speaker {
  readonly service: string;
  /** Absent: the host name that Envoy sees (a pod's name in Kubernetes). */
  readonly instance?: string;
  readonly version?: string;
  /** Names of variables the sidecar has too, whose values go into recordings, for the replay. */
  readonly environment?: readonly string[];
}

export interface CaptureOptions {
  readonly speaker: Speaker;
  readonly sink: Address;
  /** How the sink is spoken to over TLS; without it in the clear. */
  readonly sinkTls?: SinkTls;
  readonly envoyVersion: EnvoyVersion;
  /** Each try of a call that is retried is recorded too, not only how many there were. */
  readonly attempts?: boolean;
}

export interface UpstreamTls {
  /** Path of a file with the certificates of authorities, PEM. */
  readonly ca: string;
}

export interface SinkTls extends UpstreamTls {
  /** The name in the sink's certificate; absent: the host of its address. */
  readonly name?: string;
  /** Paths of PEM files, shown to a sink that asks who speaks. */
  readonly own?: { readonly cert: string; readonly key: string };
}

/** A service that is called over HTTP. */
export interface HttpUpstream {
  /** Name of route and cluster. */
  readonly name: string;
  /** The names callers use, without port: `pricing.shop`. */
  readonly hosts: readonly string[];
  readonly address: Address;
  /** Route timeout; absent: Envoy's own, 15 s. */
  readonly timeoutSeconds?: number;
  /** The application speaks plain text to its sidecar, which speaks TLS: it names the first host, and believes who shows a certificate of `ca`. */
  readonly tls?: UpstreamTls;
}

/** A database or broker that is spoken to over TCP. */
export interface TcpUpstream {
  readonly name: string;
  /** Where the application finds it. */
  readonly listen: Address;
  /** The name it has in recordings, with port: `postgres.shop:5432`. */
  readonly peer: string;
  /** The codec: `postgres`, `redis`, …; what no codec is for is recorded as it is, e.g. `tcp`. */
  readonly protocol: string;
  readonly address: Address;
  /**
   * The application speaks plain to its sidecar, which begins TLS at once, names the peer's host and believes who shows a certificate of `ca`.
   * Postgres takes this from version 17 on (`sslnegotiation=direct`).
   */
  readonly tls?: UpstreamTls;
}

/** One service with a sidecar of its own. */
export interface SidecarOptions extends CaptureOptions {
  readonly admin: Address;
  readonly inbound: { readonly listen: Address; readonly app: Address };
  /** Explicit HTTP proxy for what the application calls. */
  readonly outbound?: { readonly listen: Address; readonly upstreams: readonly HttpUpstream[] };
  readonly tcp?: readonly TcpUpstream[];
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

/** Throws EnvoyConfigError `bad-option` for what is no name of a variable, or the name of a secret. */
export function checkCarried({ environment = [] }: Speaker): void {
  for (const name of environment) {
    if (!VARIABLE.test(name))
      throw new EnvoyConfigError(
        'bad-option',
        `"${name}" is no name of a variable`,
        'For example --carry-env FEATURE_X,REGION',
      );
    if (isSecretName(name))
      throw new EnvoyConfigError(
        'bad-option',
        `${name} sounds like a secret: its value would lie in every recording`,
        'Leave it out: a replay needs no secrets, its mocks accept what the sandbox gives the service instead.',
      );
  }
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Throws EnvoyConfigError `bad-option` when two parts of Envoy would get one name, or one no name at all. */
export function checkNames(options: SidecarOptions): void {
  const names = [...(options.outbound?.upstreams ?? []), ...(options.tcp ?? [])].map((upstream) => upstream.name);
  for (const name of names) {
    if (!NAME.test(name))
      throw new EnvoyConfigError(
        'bad-option',
        `"${name}" cannot name an upstream`,
        'Use letters, digits, dot, dash and underscore.',
      );
    if (names.indexOf(name) !== names.lastIndexOf(name)) {
      throw new EnvoyConfigError('bad-option', `two upstreams are called "${name}"`, 'Give each its own name.');
    }
  }
}
