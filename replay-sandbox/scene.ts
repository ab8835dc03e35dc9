/** Everything that stands before the trigger is sent: the sandbox, the mocks, the service, its debugger. */
import type { Socket } from 'node:net';
import type { CastWishes } from './cast/debugged.ts';
import { castWishes } from './cast/debugged.ts';
import type { Real } from './cast/real.ts';
import { realPeers } from './cast/real.ts';
import type { DebuggedService, Debugger } from './debug/debugger.ts';
import { debuggerOf } from './debug/debuggers.ts';
import type { DebugSession } from './debug/session.ts';
import { NO_SESSION, openDebugSession, wantsDebugger } from './debug/session.ts';
import { ReplayError } from './error.ts';
import { named as ofOne } from './not-ready.ts';
import type { Isolation } from './isolate/isolation.ts';
import { kept } from './kept.ts';
import type { Dressing } from './launch/dressing.ts';
import { dressService } from './launch/dressing.ts';
import type { EnvironmentReport } from './launch/environment/environment.ts';
import { serviceEnvironment } from './launch/environment/environment.ts';
import { passwordsOf } from './launch/environment/passwords.ts';
import type { LaunchPart } from './launch/part.ts';
import { joinCommand, joinEnvironment } from './launch/part.ts';
import type { RunningService } from './launch/service.ts';
import { launchService } from './launch/service.ts';
import type { ReplayedCall } from './match/call.ts';
import { Order } from './match/order.ts';
import type { ServedMocks } from './mocks/serve.ts';
import { serveMocks } from './mocks/serve.ts';
import type { Authority } from './mocks/tls/authority.ts';
import { createAuthority } from './mocks/tls/authority.ts';
import type { ReplayOptions } from './options.ts';
import type { Door } from './plan/cast.ts';
import type { ReplayPlan } from './plan/plan.ts';
import type { PlacedSettings } from './plan/settings.ts';
import type { VersionReport } from './plan/version.ts';
import { compareVersions, versionWarning } from './plan/version.ts';
import { Stage } from './stage.ts';
import type { ReplayClock } from './time/clock.ts';
import { openClock } from './time/clock.ts';
import { StageTime } from './time/stage-time.ts';

/** What all services of a replay share, and those that are played. */
export interface Scene {
  readonly stage: Stage;
  readonly time: StageTime;
  readonly clock: ReplayClock;
  /** Of the first service. */
  readonly version: VersionReport;
  /** The first takes the trigger. */
  readonly players: Players;
}

/** A service that is to be run, and what answers it. */
export interface Role {
  /** Names of other services that run. */
  readonly doors: readonly Door[];
  readonly plan: ReplayPlan;
  readonly settings: PlacedSettings;
}

/** A service that runs, in a sandbox of its own. */
export interface Player extends Role {
  /** Its environment, as it was started. */
  readonly env: Readonly<Record<string, string>>;
  readonly isolation: Isolation;
  readonly mocks: ServedMocks;
  /** Its peers that are no mocks. */
  readonly real: Real;
  readonly service: RunningService;
  readonly debug: DebugSession;
  readonly environment: EnvironmentReport;
}

export type Players = readonly [Player, ...(readonly Player[])];

/** What stands before a service enters. */
interface Setting extends Pick<Scene, 'stage' | 'time' | 'clock'> {
  readonly options: ReplayOptions;
  readonly authority: Authority;
  readonly opened: AsyncDisposableStack;
  /** To the port of a service, in its sandbox. */
  readonly connect: (service: string) => Promise<Socket>;
  /** When answers wait for their turn. */
  readonly order: Order | undefined;
  /** Several services run: what one of them does and says bears its name. */
  readonly named: boolean;
  readonly wishes: CastWishes;
}

/** `opened` takes down what stands, also of a scene that could not be set whole. Throws ReplayError or IsolationError. */
export async function setScene(
  options: ReplayOptions,
  [lead, ...others]: readonly [Role, ...(readonly Role[])],
  opened: AsyncDisposableStack,
): Promise<Scene> {
  const { backend, homeDirectory } = options;
  const version = await toldVersion(lead, options);
  const time = new StageTime(options.clock);
  const stage = new Stage();
  const wishes = wishesOf([lead, ...others], options);
  const clock = await kept(opened, await clockOf([lead, ...others], options, wishes, time), (one) => one.close());
  const authority = await createAuthority(clock.serviceTime, options.clock.now());
  const doors = new Map<string, () => Promise<Socket>>();
  const connect = (service: string): Promise<Socket> => doors.get(service)?.() ?? notThere(service);
  const order = options.order === 'recorded' ? new Order(time) : undefined;
  await kept(opened, order, () => order?.close());
  const named = others.length > 0;
  const setting: Setting = { options, time, clock, stage, order, authority, opened, connect, named, wishes };
  const open = async (role: Role): Promise<[Isolation, Dressing]> => {
    const { projectDirectory } = role.settings;
    const dressing = await kept(opened, dressingOf(role, setting), (files) => files.remove());
    const binds = new Map([...dressing.binds, ...clock.binds]);
    const isolation = await backend.open({ projectDirectory, homeDirectory, binds, hiddenUnixSockets: 'all' });
    await kept(opened, isolation, () => isolation.close());
    return [isolation, dressing];
  };
  const play = async (role: Role): Promise<Player> => {
    try {
      const player = await enter(role, ...(await open(role)), setting);
      doors.set(role.plan.service, () => doorOf(player));
      return player;
    } catch (error) {
      throw setting.named ? ofOne(error, role.plan.service) : error;
    }
  };
  // One after the other: what failed to open leaves nothing half open behind.
  const first = await play(lead);
  const rest: Player[] = [];
  for (const role of others) rest.push(await play(role));
  return { stage, time, clock, version, players: [first, ...rest] };
}

/** A failure of other code than what runs here may not happen again: that is said first. */
async function toldVersion({ plan, settings }: Role, options: ReplayOptions): Promise<VersionReport> {
  const version = await compareVersions({
    recorded: plan.trigger.vantage.version,
    named: settings.version,
    directory: settings.workingDirectory,
    env: options.inheritedEnvironment,
  });
  const warning = versionWarning(version);
  if (warning !== undefined) options.events.progress(warning);
  return version;
}

/** Who is debugged, and what is said of it. */
function wishesOf(
  roles: readonly Role[],
  { debug, inspectService, inheritedEnvironment, events }: ReplayOptions,
): CastWishes {
  const services = roles.map(({ plan: { service }, settings }) => {
    const { env } = serviceEnvironment({ inherited: inheritedEnvironment, port: settings.port });
    return { service, settings, env: { ...env, ...settings.env } };
  });
  const wishes = castWishes(debug, inspectService, services);
  wishes.said.forEach((line) => events.progress(line));
  return wishes;
}

/** Throws ReplayError `not-ready` when it has ended. */
function doorOf({ isolation, settings, service, plan }: Player): Promise<Socket> {
  return isolation.connect(settings.port).catch((cause: unknown) => {
    const ending = service.ending();
    if (ending === undefined) throw cause;
    throw new ReplayError('not-ready', `${plan.service} had ended ${ending.how}`, undefined, { cause });
  });
}

/** Nobody listens yet. */
function notThere(service: string): Promise<never> {
  return Promise.reject(new ReplayError('not-ready', `${service} does not run yet`));
}

/** One clock for all of them. */
function clockOf(
  roles: readonly [Role, ...(readonly Role[])],
  { clockMode, inheritedEnvironment, events, interrupt }: ReplayOptions,
  wishes: CastWishes,
  time: StageTime,
): Promise<ReplayClock> {
  const [lead] = roles;
  const commands = roles.map(({ plan: { service }, settings: { run, workingDirectory, port, env } }) => ({
    command: run,
    workingDirectory,
    env: { ...serviceEnvironment({ inherited: inheritedEnvironment, port }).env, ...env },
    debuggedAs: wantsDebugger(wishes.of(service)) ? (wishes.of(service).runtime ?? ('as-told' as const)) : undefined,
  }));
  return openClock({
    mode: clockMode,
    recordedAt: lead.plan.trigger.startedAt,
    commands,
    building: { progress: (text) => events.progress(text), interrupt },
    time,
  });
}

/** Each service has variables of its own, and runtimes, each with its own place for the authorities it believes. */
function dressingOf({ settings, plan }: Role, { options, authority }: Setting): Dressing {
  const { inheritedEnvironment: inherited, homeDirectory, environmentFile: file, clock } = options;
  const { trigger } = plan;
  return dressService({ settings, trigger, inherited, file, homeDirectory, identity: authority, now: clock.now() });
}

/** Puts one service on the stage: its mocks, itself, its debugger. */
async function enter(role: Role, isolation: Isolation, dressing: Dressing, setting: Setting): Promise<Player> {
  const { time, opened } = setting;
  const { settings, plan } = role;
  const name = setting.named ? plan.service : undefined;
  const options = { ...setting.options, debug: setting.wishes.of(plan.service) };
  const { events } = options;
  const outfit = await dress(options, settings, dressing, [setting.clock.part]);
  const { real, mocks } = await answerers(role, isolation, outfit, setting);
  const whose = name === undefined ? '' : `${name}: `;
  events.progress(`${whose}${isolation.backend}: ${mocks.routes.length} recorded peers answer from the recording`);
  for (const limit of real.limits) events.progress(`${whose}${limit}`);
  const output = (stream: 'stdout' | 'stderr', text: string): void => events.output(stream, text, name);
  const service = await launchService({ isolation, settings, command: outfit.command, env: outfit.env, time, output });
  const debug = await debugSession(options, outfit, { isolation, service, time, name });
  await kept(opened, debug, () => debug.close());
  return { ...role, env: outfit.env, isolation, mocks, real, service, debug, environment: dressing.report };
}

/** Whoever answers a service: other services that run, hosts that are let through, and mocks for everything else. */
async function answerers(
  { plan, doors, settings }: Role,
  isolation: Isolation,
  outfit: Outfit,
  { options, stage, time, order, authority, opened, connect, named }: Setting,
): Promise<Pick<Player, 'real' | 'mocks'>> {
  const log = named ? { add: (call: ReplayedCall) => stage.add({ service: plan.service, ...call }) } : stage;
  const matters = (): boolean => !stage.answered;
  const { letThrough = [], pace } = options;
  const real = realPeers({ plan, doors, letThrough, connect, log, clock: time, matters, bindings: stage.bindings });
  await kept(opened, real, () => real.close());
  const mocks = await serveMocks({
    plan: real.plan,
    real: real.routes,
    isolation,
    authority,
    clock: time,
    timers: time,
    log,
    matters,
    bindings: stage.bindings,
    order,
    servicePort: settings.port,
    loopback: settings.loopback,
    map: { ...settings.map, ...options.map },
    env: outfit.env,
    pace,
    passwords: passwordsOf(outfit.env),
  });
  await kept(opened, mocks, () => mocks.close());
  return { real, mocks };
}

/** The service as it is started. */
interface Outfit {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly debugger?: { readonly kind: Debugger; readonly service: DebuggedService };
}

/** Puts together what everybody asks of the launch. The debugger is last: it starts what the others have made of the command. */
async function dress(
  { debug, events, interrupt }: ReplayOptions,
  settings: PlacedSettings,
  dressing: Dressing,
  parts: readonly LaunchPart[],
): Promise<Outfit> {
  const { run, workingDirectory, projectDirectory } = settings;
  const command = joinCommand(run, parts);
  const env = dressing.env(parts);
  if (!wantsDebugger(debug)) return { command, env };
  const service = { command, env: dressing.hostEnv(parts), workingDirectory, projectDirectory };
  const kind = await debuggerOf(service, debug.runtime).load();
  const part = await kind.prepare(service, { progress: (text) => events.progress(text), interrupt });
  return { command: joinCommand(command, [part]), env: joinEnvironment(env, [part]), debugger: { kind, service } };
}

async function debugSession(
  { debug, events }: ReplayOptions,
  outfit: Outfit,
  {
    name,
    ...scene
  }: Pick<Player, 'isolation' | 'service'> & Pick<Scene, 'time'> & { readonly name: string | undefined },
): Promise<DebugSession> {
  if (outfit.debugger === undefined) return NO_SESSION;
  const { kind, service } = outfit.debugger;
  return openDebugSession({
    wish: debug,
    debugger: kind,
    debugged: service,
    waits: (port, help) => events.debuggerWaits(port, help, name),
    ...scene,
  });
}
