/** The environment and the command line the service gets. */

/** Where Node's inspector listens inside the sandbox. */
export const INSPECTOR_PORT = 9229;

/** Bundles that runtimes and libraries read; the sandbox shows ours in their place. */
export const SYSTEM_CA_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
] as const;

/** Names that would send the service around the sandbox, or bring the laptop's own secrets into it. */
const WITHHELD =
  /^(?:https?_proxy|all_proxy|no_proxy|node_use_env_proxy|node_options|node_extra_ca_certs|npm_.*|aws_.*|google_.*|azure_.*|github_token|ssh_auth_sock|.*(?:secret|password|passwd|token|api_?key).*)$/i;

export interface EnvironmentOptions {
  /** What the person's shell has. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** `env` of loop.yaml; wins. */
  readonly settings: Readonly<Record<string, string>>;
  readonly port: number;
  /** PEM file of the sandbox's authority alone, and of the system's bundle with it. */
  readonly authorityFile: string;
  readonly bundleFile: string;
}

export function serviceEnvironment(options: EnvironmentOptions): Readonly<Record<string, string>> {
  const inherited = Object.entries(options.inherited).flatMap(([name, value]) =>
    value === undefined || WITHHELD.test(name) ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(inherited),
    // A client that has a password where it runs else may refuse to connect without one. This is none of anybody's.
    ...(options.inherited['PGPASSWORD'] !== undefined && { PGPASSWORD: 'loop-replay' }),
    PORT: String(options.port),
    NODE_EXTRA_CA_CERTS: options.authorityFile,
    SSL_CERT_FILE: options.bundleFile,
    REQUESTS_CA_BUNDLE: options.bundleFile,
    // gRPC's C core, so Python's, Ruby's and PHP's, brings roots of its own.
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: options.bundleFile,
    LOOP_REPLAY: '1',
    ...options.settings,
  };
}

/** The command with the inspector on, waiting for a debugger before the first line; unchanged when it is not Node. */
export function debuggableCommand(command: readonly string[]): {
  readonly command: readonly string[];
  readonly debuggable: boolean;
} {
  const [program = '', ...rest] = command;
  if (!/(?:^|\/)node(?:js)?$/.test(program)) return { command, debuggable: false };
  return { command: [program, `--inspect-wait=127.0.0.1:${INSPECTOR_PORT}`, ...rest], debuggable: true };
}
