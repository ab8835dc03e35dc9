/**
 * How sure a replayed answer is. `exact`: same question, its own recorded answer. `normalised`: same but for noise (ids, times).
 * `drifted`: same kind of question with other values. `borrowed`: answered from an exemplar or the ambient profile.
 * `synthesised`: made by the sandbox (handshakes, health). `missed`: no recorded answer.
 */
export type Grade = 'exact' | 'normalised' | 'drifted' | 'borrowed' | 'synthesised' | 'missed';

/**
 * Where a recorded answer comes from, best first. `candidate`: a command, or a call placed by what flows, that may belong to another transaction,
 * never graded exact.
 * `elsewhere`: the same transaction, but another call of this service than the trigger. It, `ambient` and `exemplar` are graded borrowed.
 */
export type AnswerSource = 'loop' | 'candidate' | 'elsewhere' | 'ambient' | 'exemplar';

/** One call the service made in the sandbox, and how it was answered. */
export interface ReplayedCall {
  readonly protocol: string;
  /** The name the service dialled, with port: `pricing:8080`. */
  readonly peer: string;
  /** One line: `GET /prices/7`, `SELECT * FROM carts WHERE id = $1`. */
  readonly summary: string;
  readonly grade: Grade;
  /** Absent when nothing recorded was served. */
  readonly source?: AnswerSource;
  /** Recorded exchange or command that answered. */
  readonly exchange?: string;
  /** Milliseconds from the whole question to the whole answer. */
  readonly ms: number;
  /** For drifted and missed: what differs from the nearest candidates, and what to type next. Lines of text. */
  readonly explanation?: readonly string[];
  /** False for calls that cannot have affected the outcome: absorbed telemetry, calls after the trigger's answer. */
  readonly matters: boolean;
}

/** Mocks tell every call here, in order of their answers. */
export interface CallLog {
  add(call: ReplayedCall): void;
}
