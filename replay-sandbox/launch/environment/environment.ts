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
  /^(?:path|home|port|shell|ifs|env|ps4|bash_.*|prompt_command|tmp|temp|tmpdir|classpath|hostaliases|localdomain|virtual_env|path_.*|(?:perl|ruby|python|classpath|go(?:root|path|flags|proxy|env|toolchain|cache|sumdb|telemetry|arm|mips|fips))\w*|go(?:111module|386|amd64|arch|auth|bin|coverdir|debug|exe|experiment|gccflags|insecure|modcache|noproxy|nosumdb|os|ppc64|private|riscv64|tmpdir|vcs|wasm|work|_extlink_enabled|_ldso)|gccgo|cgo_.*|cc|cxx|ar|fc|(?:c|cpp|cxx|f|ld)flags|(?:cpath|(?:c|cplus|objc)_include_path|library_path|compiler_path|gcc_exec_prefix)|pkg_config.*|(?:ld|dyld|glibc|gconv|malloc|loop|ssl|openssl|npm|yarn|pnpm|java|_java|jdk|jre|jvm|pip|uv|conda|pyenv|poetry|bundle|gem|cargo|rust|rustc|dotnet|coreclr|cor|complus|php|pm2|tsx|ts_node|dotenv|xdg|gtk|qt|curl|maven|gradle|deno|bun|docker|kube)_.*|git_(?!sha$|commit$|branch$|tag$).*|requests_ca_.*|lua_c?path|gi_typelib_.*|erl_.*|(?:sslkeylog|kubeconfig|rustflags|rustc|rubylib|nodejs_).*|node_(?!env$).*|aws_(?:config_file|shared_credentials_file|profile|default_profile|endpoint_.*|container_.*)|google_application_credentials|(?:pg(?:pass|service)file|pgsysconfdir)|.*(?:_proxy|options|opts?|args|_home|preload))$/i;

/** Ends a variable where a process is started: behind it another would begin. */
const NUL = '\0';

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
  /** Secrets that reach the service as they are: the request was signed with them, or loop.yaml keeps them. */
  readonly kept: readonly string[];
}

export interface ServiceEnvironment {
  readonly env: Variables;
  readonly report: EnvironmentReport;
}

export function serviceEnvironment(options: EnvironmentOptions): ServiceEnvironment {
  const { inherited, trigger, file = {}, keep = [], port } = options;
  const shell = defined(inherited).filter(([name]) => !WITHHELD.test(name));
  const told = Object.entries(trigger?.vantage.environment ?? {}).filter(
    ([name, value]) => !STEERING.test(name) && !value.includes(NUL),
  );
  const written = Object.entries(file).filter(([name, value]) => !AROUND.test(name) && !value.includes(NUL));
  const raw = Object.fromEntries([...shell, ...told, ...written]);
  const placeholder = placeholders(randomBytes(16));
  const needed = trigger === undefined ? () => false : signedRequest(trigger);
  const env: Record<string, string> = {};
  const replaced: string[] = [];
  const kept: string[] = [];
  for (const [name, value] of Object.entries(raw)) {
    const harmless = withoutSecrets(name, value, placeholder);
    if (harmless === value) env[name] = value;
    else if (keep.includes(name) || needed(value)) {
      env[name] = value;
      kept.push(name);
    } else {
      env[name] = harmless;
      replaced.push(name);
    }
  }
  const recorded = told.map(([name]) => name).filter((name) => !Object.hasOwn(file, name));
  return {
    env: { PORT: String(port), ...env, ...(file['PORT'] === undefined && { PORT: String(port) }), LOOP_REPLAY: '1' },
    report: { replaced: replaced.toSorted(), recorded: recorded.toSorted(), kept: kept.toSorted() },
  };
}

/** `${loop.ca}` and the like: places that are known only once the sandbox is made. */
export function filledIn(env: Variables, paths: TrustPaths): Variables {
  const places: Variables = { ...paths };
  const fill = (value: string): string =>
    value.replace(
      /\$\{loop\.(\w+)\}/g,
      (all, name: string) => (Object.hasOwn(places, name) ? places[name] : undefined) ?? all,
    );
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)]));
}

function defined(variables: EnvironmentOptions['inherited']): readonly (readonly [string, string])[] {
  return Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}
