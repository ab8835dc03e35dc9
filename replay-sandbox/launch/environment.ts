/** The environment the service gets, before anything is added to it (launch/part.ts). */

/** Names that would send the service around the sandbox, or bring the laptop's own secrets into it. */
const WITHHELD =
  /^(?:https?_proxy|all_proxy|no_proxy|node_use_env_proxy|node_options|node_extra_ca_certs|npm_.*|aws_.*|google_.*|azure_.*|github_token|ssh_auth_sock|.*(?:secret|password|passwd|token|api_?key).*)$/i;

export interface EnvironmentOptions {
  /** What the person's shell has. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly port: number;
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
    LOOP_REPLAY: '1',
  };
}
