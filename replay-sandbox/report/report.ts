/** What a replay says at its end. The schema is the contract of `replay -o json`. */
import { z } from 'zod';
import type { Difference } from '../match/difference.ts';

const CALL = z.object({
  /** Who made it, where several services run. */
  service: z.string().optional(),
  protocol: z.string(),
  /** Name and port the service dialled. */
  peer: z.string(),
  summary: z.string(),
  grade: z.enum(['exact', 'normalised', 'drifted', 'borrowed', 'synthesised', 'real', 'missed']),
  source: z.enum(['loop', 'candidate', 'elsewhere', 'ambient', 'exemplar']).optional(),
  /** The recorded exchange or command that answered; of a real answer, the one it is compared with. */
  exchange: z.string().optional(),
  ms: z.number(),
  explanation: z.array(z.string()).optional(),
  matters: z.boolean(),
});

const ANSWER = z.object({
  /** Null when there was no answer. */
  status: z.number().nullable(),
  /** Of a gRPC answer, from its trailers or, without any other part, its headers. */
  grpc: z.object({ status: z.number(), name: z.string(), message: z.string() }).optional(),
  /** Text of the body, cut at 16 KiB; absent when it is no text. gRPC messages: JSON by field number. */
  body: z.string().optional(),
  bytes: z.number(),
});

const PLACE = z.object({ file: z.string(), line: z.number() });

const HIT = PLACE.extend({
  /** What was thrown, when that was the reason to stop. */
  thrown: z.string().optional(),
  source: z.string(),
  function: z.string(),
  locals: z.array(z.object({ name: z.string(), value: z.string() })),
  stack: z.array(z.string()),
});

export const REPLAY_REPORT = z.object({
  loop: z.string(),
  /** Of several that ran, the one the request was sent to. */
  service: z.string(),
  /** What ran, that one first. */
  cast: z.array(z.object({ service: z.string(), command: z.array(z.string()), exitCode: z.number().nullable() })),
  /** Peers that were let through on purpose, and what passed. */
  real: z.array(
    z.object({
      /** Name and port the service dials. */
      peer: z.string(),
      address: z.string(),
      connections: z.number(),
      bytesOut: z.number(),
      bytesIn: z.number(),
    }),
  ),
  /** `METHOD path` of the request that was sent again, and other requests of the service it could have been. */
  trigger: z.string(),
  alternatives: z.array(z.string()),
  /** `incomplete`: a call that mattered had no recorded answer, or the service gave none. */
  outcome: z.enum(['reproduced', 'differs', 'incomplete']),
  recorded: ANSWER,
  replayed: ANSWER,
  diff: z.array(z.object({ where: z.string(), recorded: z.string().optional(), replayed: z.string().optional() })),
  calls: z.array(CALL),
  /** The calls without a recorded answer that can have affected the outcome. */
  missed: z.array(CALL),
  /** Recorded answers nothing asked for. */
  unused: z.array(z.string()),
  /** Dials to what was not recorded. */
  refused: z.array(
    z.object({
      service: z.string().optional(),
      kind: z.enum(['tcp', 'udp', 'unix', 'dns', 'tls']),
      target: z.string(),
      reason: z.string(),
      hint: z.string().optional(),
    }),
  ),
  clock: z.object({
    mode: z.enum(['shift', 'freeze', 'real']),
    recordedAt: z.string(),
    /** What of the service keeps the real time, one sentence each. */
    limits: z.array(z.string()),
  }),
  debugger: z.object({
    /** What the service is written in, as its debugger sees it. */
    kind: z.enum(['node', 'python', 'go', 'java', 'native', 'none']),
    port: z.number().optional(),
    /** Breakpoints whose file was loaded and whose line, or one after it, has code; and the others. */
    bound: z.array(PLACE),
    unbound: z.array(PLACE),
    hits: z.number(),
    breakpoints: z.array(HIT),
  }),
  isolation: z.object({ backend: z.string(), limits: z.array(z.string()) }),
  /** The service's exit code when it ended by itself. */
  exitCode: z.number().nullable(),
  /** Sentences naming what the recording lacks. */
  holes: z.array(z.string()),
});

export type ReplayReport = z.infer<typeof REPLAY_REPORT>;
export type ReportedAnswer = z.infer<typeof ANSWER>;

const VALUE_SHOWN = 4096;

export function reportDifference(difference: Difference): ReplayReport['diff'][number] {
  const { where, recorded, asked } = difference;
  return {
    where,
    ...(recorded !== undefined && { recorded: shown(recorded) }),
    ...(asked !== undefined && { replayed: shown(asked) }),
  };
}

/** A body of bytes is one value, as long as it likes. */
function shown(text: string): string {
  return text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN)}… (${text.length} characters)` : text;
}
