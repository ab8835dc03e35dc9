/**
 * The environment the service gets. Who wins, from the weakest: the person's shell, the recording, `--env-file`, what the sandbox needs
 * (launch/part.ts), loop.yaml. A name in loop.yaml was written down for the replay; a file of variables mostly was not.
 */
import { randomBytes } from 'node:crypto';
import type { Exchange } from '../../../src/domain/exchange.ts';
import type { TrustPaths } from '../trust/trust.ts';
import { placeholders } from './placeholder.ts';
import { withoutSecrets } from './secrets.ts';
import { signedRequest } from './signing.ts';

type Variables = Readonly<Record<string, string>>;

/** Names that would send the service around the sandbox, or are settings of the person's own programs. */
const WITHHELD =
  /^(?:https?_proxy|all_proxy|no_proxy|node_use_env_proxy|node_options|node_extra_ca_certs|npm_.*|ssh_auth_sock|(?:aws|google|azure)_(?!access_key_id$|secret_access_key$|session_token$).*)$/i;
/** Of those, what a file of the service's own may not say either. */
const AROUND = /^(?:https?_proxy|all_proxy|no_proxy|node_use_env_proxy|ssh_auth_sock)$/i;
/** A recording is somebody else's: it may not say what is run here, or how. */
const STEERING =
  /^(?:path|home|port|shell|ifs|env|bash_env|prompt_command|classpath|gconv_path|(?:ld|dyld|loop|ssl|git|npm|java|jdk|_java|python|perl|ruby|bundle|gem|go|cargo|rust|dotnet|coreclr|php)_?.*|node_(?!env$).*|.*(?:_proxy|options|opts?))$/i;

export interface EnvironmentOptions {
  /** What the person's shell has. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** The request that is sent again: with it the recording tells what the service's variables were. */
  readonly trigger?: Exchange | undefined;
  /** Of all `--env-file`, the later over the earlier. */
  readonly file?: Variables | undefined;
  /** Names whose values reach the service as they are: loop.yaml's. */
  readonly keep?: readonly string[];
  readonly port: number;
}

/** Names only: values are nobody's to read. */
export interface EnvironmentReport {
  /** Secrets that something else stands for. */
  readonly replaced: readonly string[];
  /** Those whose values are production's. */
  readonly recorded: readonly string[];
}

export interface ServiceEnvironment {
  readonly env: Variables;
  readonly report: EnvironmentReport;
}

export function serviceEnvironment(options: EnvironmentOptions): ServiceEnvironment {
  const { inherited, trigger, file = {}, keep = [], port } = options;
  const shell = defined(inherited).filter(([name]) => !WITHHELD.test(name));
  const told = Object.entries(trigger?.vantage.environment ?? {}).filter(([name]) => !STEERING.test(name));
  const written = Object.entries(file).filter(([name]) => !AROUND.test(name));
  const raw = Object.fromEntries([...shell, ...told, ...written]);
  const placeholder = placeholders(randomBytes(16));
  const needed = trigger === undefined ? () => false : signedRequest(trigger);
  const env: Record<string, string> = {};
  const replaced: string[] = [];
  for (const [name, value] of Object.entries(raw)) {
    const asIs = keep.includes(name) || needed(value);
    env[name] = asIs ? value : withoutSecrets(name, value, placeholder);
    if (env[name] !== value) replaced.push(name);
  }
  const recorded = told.map(([name]) => name).filter((name) => !(name in file));
  return {
    env: { PORT: String(port), ...env, ...(file['PORT'] === undefined && { PORT: String(port) }), LOOP_REPLAY: '1' },
    report: { replaced: replaced.toSorted(), recorded: recorded.toSorted() },
  };
}

/** `${loop.ca}` and the like: places that are known only once the sandbox is made. */
export function filledIn(env: Variables, paths: TrustPaths): Variables {
  const places: Variables = { ...paths };
  const fill = (value: string): string =>
    value.replace(/\$\{loop\.(\w+)\}/g, (all, name: string) => places[name] ?? all);
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]));
}

function defined(variables: EnvironmentOptions['inherited']): readonly (readonly [string, string])[] {
  return Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
