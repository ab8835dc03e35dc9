/** What the table says of one runtime. */
import type { RuntimeName } from './runtimes.ts';

/** True or false by what happened; a sentence where it could not be tried, or only up to a limit. */
export type Finding = boolean | string;

export const FINDINGS = [
  'breakpointHit',
  'localRead',
  'clockWithin1s',
  'tlsAccepted',
  'reproduced',
  'refusedReported',
  'processesGone',
] as const;

export type Findings = Readonly<Record<(typeof FINDINGS)[number], Finding>>;

export interface Row extends Findings {
  readonly runtime: RuntimeName;
  readonly version: string;
  /** True: all of the above held when an ordinary user replayed; and root. */
  readonly asUser: Finding;
  readonly asRoot: Finding;
  /** A debugger held the service so long, and the outcome was the same. */
  readonly pause120s: Finding;
  /** Sentences: what the product says it cannot do here. */
  readonly limits: readonly string[];
  /** What was seen where a finding is false. */
  readonly remarks: readonly string[];
  readonly seconds: number;
}

export interface Unavailable {
  readonly runtime: RuntimeName;
  readonly unavailable: string;
}

export type Line = Row | Unavailable;

/** Nothing is false; what is not true has a sentence. */
export function isGood(line: Line): line is Row {
  return (
    !('unavailable' in line) &&
    [...FINDINGS, 'asUser', 'asRoot', 'pause120s'].every(
      (name) => Object.getOwnPropertyDescriptor(line, name)?.value !== false,
    )
  );
}
