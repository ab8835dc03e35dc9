/** What a replay is asked for. */
import type { Clock } from '../src/domain/clock.ts';
import type { LoopId } from '../src/domain/ids.ts';
import type { LetThrough } from './cast/let-through.ts';
import type { AttachHelp } from './debug/debugger.ts';
import type { DebugWish } from './debug/session.ts';
import type { IsolationBackend } from './isolate/isolation.ts';
import type { Recording, ReplayPlan } from './plan/plan.ts';
import type { PlacedSettings } from './plan/settings.ts';
import type { ClockMode } from './time/service-clock.ts';

export interface ReplayOptions {
  readonly loop: LoopId;
  readonly recording: Recording;
  /** Those that run; what the topmost of them was asked is sent again. By default the origin's. */
  readonly services?: readonly string[] | undefined;
  /** Peers that are let through on purpose. */
  readonly letThrough?: readonly LetThrough[] | undefined;
  /** How to run it; a function, because which service it is follows from the recording. Throws ReplayError when nothing says so. */
  readonly settingsOf: (service: string) => PlacedSettings;
  readonly backend: IsolationBackend;
  readonly homeDirectory: string;
  readonly inheritedEnvironment: Readonly<Record<string, string | undefined>>;
  /** What stands in all `--env-file`, the later over the earlier. */
  readonly environmentFile?: Readonly<Record<string, string>> | undefined;
  /** Name on this machine -> recorded peer, each with or without port. */
  readonly map?: Readonly<Record<string, string>> | undefined;
  readonly debug: DebugWish;
  /** Of several services, whom the person's debugger is for; by default the one that takes the trigger. */
  readonly inspectService?: string | undefined;
  readonly readyTimeoutMs: number;
  /** How long the answer may take; without end when a person's debugger is asked for. */
  readonly answerTimeoutMs: number;
  /** Factor on the gaps of recorded streams: 1 as recorded; by default 0, at once. */
  readonly pace?: number | undefined;
  /** Changes of the answers to the service that takes the trigger, before `edit`. */
  readonly whatIf?: ((plan: ReplayPlan) => ReplayPlan) | undefined;
  /** What is to be answered otherwise than it was recorded: of the plan, once it is made. */
  readonly edit?: ((plan: ReplayPlan) => ReplayPlan) | undefined;
  /** How often the request is sent, one after the other; the last answer counts. By default once. */
  readonly sendings?: number | undefined;
  /** How long it is watched once it has answered, milliseconds: one that ends meanwhile is told. By default not at all. */
  readonly watchMs?: number | undefined;
  /** The clock of the service; by default `shift`, the recorded time, going on. */
  readonly clockMode?: ClockMode | undefined;
  /** `recorded`: an answer waits until those recorded before it were given. By default each is given when it is asked for. */
  readonly order?: 'recorded' | 'asked' | undefined;
  /** The present time of this machine. */
  readonly clock: Clock;
  readonly events: ReplayEvents;
  /** Ends it before its time: ReplayError `interrupted`, once everything is taken down. */
  readonly interrupt?: AbortSignal;
}

/** What a person sees while it runs. */
export interface ReplayEvents {
  progress(text: string): void;
  /** `service`: whose, where several run. */
  output(stream: 'stdout' | 'stderr', text: string, service?: string): void;
  /** `service`: whose, where several run. */
  debuggerWaits(port: number, help: AttachHelp, service?: string): void;
}
