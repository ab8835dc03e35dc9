/** What `loopctl verify` says. The schema is the contract of `verify -o json`. */
import { z } from 'zod';
import { REPLAY_REPORT } from '../report/report.ts';

const BROKEN = z.object({
  /** `status`, `headers.location`, `body.lines[0].sku`, or a JSON path as it was asked for. */
  path: z.string(),
  expected: z.string(),
  got: z.string(),
});

const OTHERWISE = z.object({
  protocol: z.string(),
  peer: z.string(),
  summary: z.string(),
  /** It changes something where it arrives. */
  write: z.boolean(),
  /** What differs from what was recorded. */
  differences: z.array(z.string()),
});

export const NEIGHBOUR = z.object({
  /** `postgres postgres.shop:5432`; of a duplicate `the request`. */
  peer: z.string(),
  change: z.enum(['slow', 'failed', 'reset', 'duplicated']),
  /** What was done: `answers after 2000 ms`. */
  detail: z.string(),
  /** `answered`: whatever it said. `hung`: not within --timeout. `crashed`: the service ended. `cut`: the connection, and it lives on. */
  outcome: z.enum(['answered', 'hung', 'crashed', 'cut', 'not-started']),
  status: z.number().nullable(),
  /** From the start of the replay to its end. */
  ms: z.number(),
  /** For whatever did not answer. */
  said: z.string().optional(),
});

export const VERIFY_REPORT = z.object({
  loop: z.string(),
  service: z.string(),
  trigger: z.string(),
  /** `hidden`: no failure by the rules, but not what is expected. `cannot-tell`: a call that mattered had no recorded answer, or the answer hangs on a recorded failure that was passed by, by chance perhaps. */
  verdict: z.enum(['gone', 'still-fails', 'hidden', 'cannot-tell']),
  confidence: z.enum(['high', 'medium', 'low']),
  /** What the answer was held against; `rules`: nothing but the rules, there being no exemplar of the route. */
  judgedBy: z.enum(['expect', 'exemplars', 'rules']),
  exemplars: z.number(),
  /** Why the recorded answer, and the one just given, are failures. */
  recordedFailure: z.string().nullable(),
  failure: z.string().nullable(),
  broken: z.array(BROKEN),
  /** What had no recorded answer, a line each. */
  missing: z.array(z.string()),
  /** Calls that asked for something else than the recorded ones. */
  drifted: z.array(OTHERWISE),
  /** Recorded calls that were not made. */
  notMade: z.array(z.string()),
  /** Sentences for people. */
  notes: z.array(z.string()),
  neighbourhood: z.array(NEIGHBOUR).optional(),
  replay: REPLAY_REPORT,
});

export type VerifyReport = z.infer<typeof VERIFY_REPORT>;
export type Neighbour = z.infer<typeof NEIGHBOUR>;
