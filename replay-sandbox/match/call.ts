import type { Difference } from './difference.ts';

/**
 * How sure a replayed answer is. `exact`: same question, its own recorded answer. `normalised`: same but for noise (ids, times).
 * `drifted`: same kind of question with other values. `borrowed`: answered from an exemplar or the ambient profile.
 * `synthesised`: made by the sandbox (handshakes, health). `real`: by a service or host that runs, on purpose. `missed`: no recorded answer.
 */
export type Grade = 'exact' | 'normalised' | 'drifted' | 'borrowed' | 'synthesised' | 'real' | 'missed';

/**
 * Where a recorded answer comes from, best first. `candidate`: a command, or a call placed by what flows, that may belong to another transaction,
 * never graded exact.
 * `elsewhere`: the same transaction, but another call of this service than the trigger. It, `ambient` and `exemplar` are graded borrowed.
 */
export type AnswerSource = 'loop' | 'candidate' | 'elsewhere' | 'ambient' | 'exemplar';

/** Of what was recorded, the one that is least unlike what had no answer. */
export interface Nearest {
  readonly exchange: string;
  readonly found: readonly Difference[];
}

/** One call the service made in the sandbox, and how it was answered. */
export interface ReplayedCall {
  /** Who made it, where several services run. */
  readonly service?: string;
  readonly protocol: string;
  /** The name the service dialled, with port: `pricing:8080`. */
  readonly peer: string;
  /** One line: `GET /prices/7`, `SELECT * FROM carts WHERE id = $1`. */
  readonly summary: string;
  readonly grade: Grade;
  /** Absent when nothing recorded was served. */
  readonly source?: AnswerSource;
  /** Recorded exchange or command that answered; of a real answer, the one it is compared with. */
  readonly exchange?: string;
  /** Milliseconds from the whole question to the whole answer. */
  readonly ms: number;
  /** For drifted and missed: what differs from the nearest candidates, and what to type next. Lines of text. */
  readonly explanation?: readonly string[];
  /** False for calls that cannot have affected the outcome: absorbed telemetry, calls after the trigger's answer. */
  readonly matters: boolean;
  /** How the question differs from the recorded one that answered it, noise too. */
  readonly found?: readonly Difference[] | undefined;
  /** Of a missed one. */
  readonly nearest?: Nearest | undefined;
  /** Unix ms of the stage's time when it was asked, where that is not `ms` ago. */
  readonly askedAt?: number;
}

/** Mocks tell every call here, in order of their answers. */
export interface CallLog {
  add(call: ReplayedCall): void;
}
