/** The clock of one replay: the service's, as far as it can be moved, and what is to be said of it. */
import { IsolationError } from '../isolate/isolation-error.ts';
import { clockLimits } from './limits.ts';
import { buildClockLibrary } from './preload.ts';
import type { ClockMode, ServiceClock } from './service-clock.ts';
import { openServiceClock, REAL_CLOCK } from './service-clock.ts';
import type { StageTime } from './stage-time.ts';

export interface ClockRequest {
  /** By default `shift`. */
  readonly mode?: ClockMode | undefined;
  /** When the trigger was recorded, Unix ms. */
  readonly recordedAt: number;
  /** How the services are started. */
  readonly commands: readonly StartedCommand[];
  /** Its pauses are the service's too. */
  readonly time: StageTime;
}

export interface StartedCommand {
  readonly command: readonly string[];
  readonly workingDirectory: string;
  /** PATH, as the service has it. */
  readonly path: string | undefined;
}

export interface ReplayClock extends ServiceClock {
  readonly mode: ClockMode;
  readonly recordedAt: number;
  /** What of the service keeps the real time, one sentence each. */
  readonly limits: readonly string[];
}

export async function openClock({ mode = 'shift', recordedAt, commands, time }: ClockRequest): Promise<ReplayClock> {
  const library = mode === 'real' ? undefined : await libraryOrReason();
  if (library === undefined || 'reason' in library)
    return { ...REAL_CLOCK, mode: 'real', recordedAt, limits: clockLimits('real', commands, library?.reason) };
  const clock = openServiceClock({ mode, recordedAt, library: library.path });
  time.watch((still) => clock.hold(still));
  return { ...clock, mode, recordedAt, limits: clockLimits(mode, commands) };
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
