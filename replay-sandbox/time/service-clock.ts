/**
 * The clock the service sees. `shift`: it begins before the recorded time, comes to it when the trigger is sent, and goes on; `freeze`: it
 * stands at the recorded time, while what measures spans goes on; `real`: nothing is touched.
 *
 * How long a service takes to start is not known before, and a clock must not go back. So a shifted one starts RUN_UP_MS early and goes the
 * slower the nearer it comes to the recorded time (native/now.c); with the trigger it jumps there, always forwards.
 */
import type { LaunchPart } from '../launch/part.ts';
import type { ClockState } from './clock-page.ts';
import { ClockPage } from './clock-page.ts';

export type ClockMode = 'shift' | 'freeze' | 'real';

const RUN_UP_MS = 30_000;
/** Up to the year 2242: behind it no deadline is moved (native/now.c). Times of recordings are not to be trusted. */
const LATEST_MS = 8 * 2 ** 30 * 1000;
const NS = 1_000_000n;

export interface ServiceClockOptions {
  readonly mode: ClockMode;
  /** When the trigger was recorded, Unix ms. */
  readonly recordedAt: number;
  /** The preload library's path. */
  readonly library: string;
  /** CLOCK_MONOTONIC, ns: by default this machine's. */
  readonly monotonic?: () => bigint;
}

export interface ServiceClock {
  readonly part: LaunchPart;
  /** Place in the sandbox -> file on this machine. */
  readonly binds: ReadonlyMap<string, string>;
  /** The trigger is about to be sent. */
  arrive(): void;
  /** The service is held, or goes on. */
  hold(still: boolean): void;
  close(): void;
}

export const REAL_CLOCK: ServiceClock = {
  part: {},
  binds: new Map(),
  arrive: () => undefined,
  hold: () => undefined,
  close: () => undefined,
};

/** What the service can be shown of a recorded time, Unix ms. Of what is no number: the earliest. */
export function withinClock(recordedAt: number): number {
  if (Number.isNaN(recordedAt)) return RUN_UP_MS;
  return Math.min(Math.max(recordedAt, RUN_UP_MS), LATEST_MS);
}

export function openServiceClock({
  mode,
  recordedAt,
  library,
  monotonic = () => process.hrtime.bigint(),
}: ServiceClockOptions): ServiceClock {
  if (mode === 'real') return REAL_CLOCK;
  const wall = BigInt(Math.round(withinClock(recordedAt) * 1000)) * 1000n;
  const began: ClockState = {
    kind: mode === 'freeze' ? 'frozen' : 'run-up',
    wall,
    since: monotonic(),
    lead: BigInt(RUN_UP_MS) * NS,
    paused: 0n,
    pauseBegan: 0n,
  };
  const page = new ClockPage(began);
  let state = began;
  const turn = (change: Partial<ClockState>): void => page.write((state = { ...state, ...change }));
  return {
    part: { env: { LOOP_CLOCK: page.path, LD_PRELOAD: library } },
    // Onto itself: whatever the sandbox makes of its directory, the service maps this very file.
    binds: new Map([[page.path, page.path]]),
    arrive() {
      const now = state.pauseBegan === 0n ? monotonic() : state.pauseBegan;
      if (state.kind === 'run-up') turn({ kind: 'shifted', since: now - state.paused });
    },
    hold(still) {
      if (still === (state.pauseBegan !== 0n)) return;
      const now = monotonic();
      turn(still ? { pauseBegan: now } : { paused: state.paused + (now - state.pauseBegan), pauseBegan: 0n });
    },
    close: () => page.close(),
  };
}
