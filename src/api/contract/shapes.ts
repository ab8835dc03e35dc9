/** The schemas of every question and its answer. Questions are read by them; answers are of these types by construction, and told by them. */
import { z } from 'zod';
import { loopViewSchema } from '../../seal/view-schema.ts';
import type { Answers } from './answers.ts';
import type { Operation } from './endpoints.ts';
import { CAPTURE_ID, INPUTS, LOOP_ID } from './inputs.ts';
import { AUDIT, ERASURE, SESSION, TOKEN, VITALS } from './shapes/installation.ts';
import {
  BUTTON,
  CAPTURE,
  COMPARISON,
  FINGERPRINT_SUMMARY,
  REDACTION_TEST,
  RULES_TEST,
  SUMMARY,
} from './shapes/loops.ts';

const NOTHING = z.undefined();
const BYTES = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
/** Documents with a specification of their own. */
const DOCUMENT = z.looseObject({});
const LOOPS = z.object({ loops: z.array(SUMMARY) });

export const ANSWERS = {
  session: SESSION,
  signIn: SESSION,
  signOut: NOTHING,
  listTokens: z.object({ tokens: z.array(TOKEN) }),
  createToken: z.object({ token: TOKEN, secret: z.string() }),
  revokeToken: NOTHING,
  listLoops: z.object({ loops: z.array(SUMMARY), next: z.string().exactOptional() }),
  showLoop: z.object({ summary: SUMMARY, view: loopViewSchema }),
  resolveLoop: z.object({ id: LOOP_ID }),
  exemplarsOfLoop: LOOPS,
  compareLoops: COMPARISON,
  harOfLoop: z.object({ log: DOCUMENT }),
  recordingOfLoop: BYTES,
  originalBody: BYTES,
  importLoop: SUMMARY,
  deleteLoop: NOTHING,
  testRedaction: REDACTION_TEST,
  testRules: RULES_TEST,
  listFingerprints: z.object({ fingerprints: z.array(FINGERPRINT_SUMMARY) }),
  events: NOTHING,
  vitals: VITALS,
  listCaptures: z.object({ captures: z.array(CAPTURE) }),
  startCapture: CAPTURE,
  resolveCapture: z.object({ id: CAPTURE_ID }),
  showCapture: z.object({ capture: CAPTURE, loops: z.array(SUMMARY) }),
  stopCapture: CAPTURE,
  deleteCapture: z.object({ loops: z.number().int() }),
  timeline: z.object({ entries: z.array(z.object({ loop: SUMMARY, captures: z.array(z.string()) })) }),
  pressButton: BUTTON,
  lookAtButton: BUTTON,
  releaseButton: BUTTON,
  audit: AUDIT,
  erase: ERASURE,
  mcp: DOCUMENT,
  openapi: DOCUMENT,
} satisfies { readonly [Op in Operation]: z.ZodType<Answers[Op]> };

/** Of one operation, both. */
export function shapesOf(operation: Operation): { readonly input: z.ZodType; readonly answer: z.ZodType } {
  const inputs: Readonly<Record<Operation, z.ZodType>> = INPUTS;
  const answers: Readonly<Record<Operation, z.ZodType>> = ANSWERS;
  return { input: inputs[operation], answer: answers[operation] };
}
