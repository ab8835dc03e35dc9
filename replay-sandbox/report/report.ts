/** What a replay says at its end. The schema is the contract of `replay -o json`. */
import { z } from 'zod';
import type { Divergence } from '../compare/divergence.ts';
import type { Difference } from '../match/difference.ts';
import { isSecretName } from '../../src/domain/secret-name.ts';

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

const DIVERGENCE = z.object({
  at: z.enum(['call', 'answer']),
  /** Index into `calls`; absent for a recorded call that was not asked. */
  call: z.number().optional(),
  summary: z.string(),
  /** The value that differs, when one does. */
  where: z.string().optional(),
  recorded: z.string().optional(),
  asked: z.string().optional(),
  /** Where the value came from. `code`: everything the service was given is the same. */
  cause: z.object({
    from: z.enum(['trigger', 'call', 'environment', 'clock', 'code', 'unknown']),
    call: z.number().optional(),
    where: z.string().optional(),
    value: z.string().optional(),
    text: z.string(),
  }),
});

const PLACE = z.object({ file: z.string(), line: z.number() });

const HIT = PLACE.extend({
  /** Whose, where several services run. */
  service: z.string().optional(),
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
  cast: z.array(
    z.object({
      service: z.string(),
      command: z.array(z.string()),
      exitCode: z.number().nullable(),
      /** Present when it ended by itself before the replay did: `with code 3`, `by SIGKILL`. */
      ended: z.object({ how: z.string(), lastLines: z.array(z.string()) }).optional(),
    }),
  ),
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
  /** Where it first went another way than the recording; absent where none was seen. */
  divergence: DIVERGENCE.optional(),
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
  /** Names of variables: secrets that something else stands for, those whose values are production's, and secrets that are as they were. */
  environment: z.object({
    replaced: z.array(z.string()),
    recorded: z.array(z.string()),
    kept: z.array(z.string()),
  }),
  /** What was recorded and what runs here; null: not known, or not to be compared. */
  version: z.object({ recorded: z.string().nullable(), here: z.string().nullable(), same: z.boolean().nullable() }),
});

export type ReplayReport = z.infer<typeof REPLAY_REPORT>;
export type ReportedAnswer = z.infer<typeof ANSWER>;

const VALUE_SHOWN = 4096;
/** One that loop.yaml keeps is a real one. */
const SECRET_SHOWN = '(a secret)';

export function reportDifference(difference: Difference): ReplayReport['diff'][number] {
  const { where, recorded, asked } = difference;
  return {
    where,
    ...(recorded !== undefined && { recorded: shown(recorded) }),
    ...(asked !== undefined && { replayed: shown(asked) }),
  };
}

export function reportDivergence(divergence: Divergence): NonNullable<ReplayReport['divergence']> {
  const { recorded, cause } = divergence;
  const secret = cause.from === 'environment' && isSecretName(cause.where ?? '');
  const asked = secret ? divergence.asked && SECRET_SHOWN : divergence.asked;
  const value = secret ? cause.value && SECRET_SHOWN : cause.value;
  return {
    ...divergence,
    ...(recorded !== undefined && { recorded: shown(recorded) }),
    ...(asked !== undefined && { asked: shown(asked) }),
    cause: { ...cause, ...(value !== undefined && { value: shown(value) }) },
  };
}

/** A body of bytes is one value, as long as it likes. */
function shown(text: string): string {
  return text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN)}… (${text.length} characters)` : text;
}
