/** What a service finds around it when it starts: its variables, and the files that make it believe the sandbox's certificates. */
import type { Exchange } from '../../src/domain/exchange.ts';
import type { PlacedSettings } from '../plan/settings.ts';
import type { ServiceEnvironment } from './environment/environment.ts';
import { filledIn, serviceEnvironment } from './environment/environment.ts';
import type { LaunchPart } from './part.ts';
import { joinEnvironment } from './part.ts';
import type { Identity, TrustFiles } from './trust/trust.ts';
import { writeTrustFiles } from './trust/trust.ts';

export interface DressingOptions {
  readonly settings: PlacedSettings;
  readonly trigger: Exchange;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Of `--env-file`. */
  readonly file: Readonly<Record<string, string>> | undefined;
  readonly homeDirectory: string;
  readonly identity: Identity;
  /** Unix ms. */
  readonly now: number;
}

export interface Dressing extends TrustFiles {
  readonly report: ServiceEnvironment['report'];
  /** All variables, with what other parts of the launch ask for. */
  env(parts: readonly LaunchPart[]): Readonly<Record<string, string>>;
  /**
   * Without the recording's: for what is run outside the sandbox, compilers and package managers. A name that makes one of them run something
   * else can always be one that nobody thought of.
   */
  hostEnv(parts: readonly LaunchPart[]): Readonly<Record<string, string>>;
}

/** `remove` it when the service has ended. */
export function dressService({ settings, identity, now, file, ...options }: DressingOptions): Dressing {
  const { env: own, run: command, port, keep, workingDirectory, projectDirectory } = settings;
  const { inherited, trigger, homeDirectory } = options;
  const { env, report } = serviceEnvironment({ inherited, trigger, file, port, keep });
  const { env: host } = serviceEnvironment({ inherited, file, port, keep });
  const lookout = { command, env: { ...host, ...own }, workingDirectory, projectDirectory, homeDirectory };
  const trust = writeTrustFiles(identity, lookout, now);
  const others = (name: string): boolean => !Object.hasOwn(own, name);
  // What loop.yaml says of the environment wins over everybody.
  const whole = (base: ServiceEnvironment['env'], parts: readonly LaunchPart[]): ServiceEnvironment['env'] =>
    filledIn(joinEnvironment(base, [trust.part, ...parts, { env: own }]), trust.paths);
  return {
    ...trust,
    report: {
      replaced: report.replaced.filter(others),
      recorded: report.recorded.filter(others),
      kept: report.kept.filter(others),
    },
    env: (parts) => whole(env, parts),
    hostEnv: (parts) => whole(host, parts),
  };
}
