/** The clock of one replay: the service's, as far as it can be moved, and what is to be said of it. */
import { IsolationError } from '../isolate/isolation-error.ts';
import type { GoClock } from './go/go-command.ts';
import type { LaunchPart } from '../launch/part.ts';
import { joinCommand } from '../launch/part.ts';
import type { Building } from '../launch/runtime/kept-programs.ts';
import type { RuntimeName } from '../launch/runtime/runtime.ts';
import { prepareGo } from './go/go-command.ts';
import { clockLimits, REAL_LIMIT } from './limits.ts';
import { calledClock } from './go/called.ts';
import { buildClockLibrary } from './preload.ts';
import type { ClockMode, ServiceClock } from './service-clock.ts';
import { openServiceClock, REAL_CLOCK, withinClock } from './service-clock.ts';
import type { StageTime } from './stage-time.ts';

export interface ClockRequest {
  /** By default `shift`. */
  readonly mode?: ClockMode | undefined;
  /** When the trigger was recorded, Unix ms. */
  readonly recordedAt: number;
  /** How the services are started. */
  readonly commands: readonly StartedCommand[];
  readonly building: Building;
  /** Its pauses are the service's too. */
  readonly time: StageTime;
}

export interface StartedCommand {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  /** As the service has it, before anything is added. */
  readonly env: Readonly<Record<string, string>>;
  /** A debugger starts it: for what it is written in, if a person says so. */
  readonly debuggedAs?: RuntimeName | 'as-told' | undefined;
}

export interface ReplayClock extends ServiceClock {
  readonly mode: ClockMode;
  readonly recordedAt: number;
  /** What the service is shown of it, Unix ms. */
  readonly serviceTime: number;
  /** What of the service keeps the real time, one sentence each. */
  readonly limits: readonly string[];
}

export async function openClock({
  mode = 'shift',
  recordedAt,
  commands,
  building,
  time,
}: ClockRequest): Promise<ReplayClock> {
  const library = mode === 'real' ? undefined : await libraryOrReason();
  if (library === undefined || 'reason' in library) {
    const limits = library === undefined ? [REAL_LIMIT] : [library.reason, REAL_LIMIT];
    return { ...REAL_CLOCK, mode: 'real', recordedAt, serviceTime: withinClock(recordedAt), limits };
  }
  // Before the clock starts to run: Go may have to build for a while.
  const go: GoClock[] = [];
  for (const one of commands) go.push(await prepareGo(one, { building }));
  const clock = openServiceClock({ mode, recordedAt, library: library.path });
  const unwatch = time.watch((still) => clock.hold(still));
  return {
    ...clock,
    close: () => {
      unwatch();
      clock.close();
    },
    part: joinParts([clock.part, calledClock(commands), ...go.map(({ part }) => part)]),
    mode,
    recordedAt,
    serviceTime: withinClock(recordedAt),
    limits: [...clockLimits(commands), ...go.flatMap(({ limits }) => limits)],
  };
}

async function libraryOrReason(): Promise<{ readonly path: string } | { readonly reason: string }> {
  if (process.platform !== 'linux')
    return { reason: `The clock can be moved on Linux only; this is ${process.platform}.` };
  try {
    return { path: await buildClockLibrary() };
  } catch (error) {
    if (!(error instanceof IsolationError)) throw error;
    return { reason: `The clock was not moved: ${error.message}` };
  }
}

function joinParts(parts: readonly LaunchPart[]): LaunchPart {
  return {
    env: Object.fromEntries(parts.flatMap(({ env = {} }) => Object.entries(env))),
    command: (command) => joinCommand(command, parts),
  };
}
