/** As much of an answer as tells loopd from something else: a newer one may say more, and in words that are not known here. */
import { z } from 'zod';
import type { Operation } from '../contract/endpoints.ts';
import { CAPTURE_ID, LOOP_ID } from '../contract/inputs.ts';

const ANY = z.looseObject({});
const SUMMARY = z.looseObject({ id: LOOP_ID, startedAt: z.number(), service: z.string() });
const CAPTURE = z.looseObject({ id: CAPTURE_ID, startedAt: z.number(), notes: z.array(ANY) });
const LOOPS = z.looseObject({ loops: z.array(SUMMARY) });
const BYTES = z.instanceof(Uint8Array);

const LOOKS: Readonly<Record<Operation, z.ZodType>> = {
  session: z.looseObject({ signIn: ANY, version: z.string() }),
  signIn: z.looseObject({ signIn: ANY }),
  signOut: z.unknown(),
  listTokens: z.looseObject({ tokens: z.array(ANY) }),
  createToken: z.looseObject({ token: ANY, secret: z.string() }),
  revokeToken: z.unknown(),
  listLoops: z.looseObject({ loops: z.array(SUMMARY), next: z.string().optional() }),
  showLoop: z.looseObject({ summary: SUMMARY, view: ANY }),
  resolveLoop: z.looseObject({ id: LOOP_ID }),
  exemplarsOfLoop: LOOPS,
  compareLoops: z.looseObject({ left: SUMMARY, right: SUMMARY, pairs: z.array(ANY) }),
  harOfLoop: z.looseObject({ log: ANY }),
  recordingOfLoop: BYTES,
  originalBody: BYTES,
  importLoop: SUMMARY,
  deleteLoop: z.unknown(),
  testRedaction: z.looseObject({ findings: z.array(ANY), more: z.number() }),
  testRules: z.looseObject({ mistakes: z.array(ANY), recordings: z.array(ANY) }),
  listFingerprints: z.looseObject({
    fingerprints: z.array(z.looseObject({ fingerprint: z.string(), seen: z.number() })),
  }),
  events: z.unknown(),
  mcp: z.unknown(),
  vitals: z.looseObject({ at: z.number(), series: z.array(ANY) }),
  listCaptures: z.looseObject({ captures: z.array(CAPTURE) }),
  startCapture: CAPTURE,
  resolveCapture: z.looseObject({ id: CAPTURE_ID }),
  showCapture: z.looseObject({ capture: CAPTURE, loops: z.array(ANY) }),
  stopCapture: CAPTURE,
  deleteCapture: z.looseObject({ loops: z.number() }),
  timeline: z.looseObject({ entries: z.array(ANY) }),
  pressButton: ANY,
  lookAtButton: ANY,
  releaseButton: ANY,
  audit: z.looseObject({ entries: z.array(ANY), chain: ANY }),
  erase: z.looseObject({ loops: z.number(), notes: z.array(z.string()) }),
  openapi: ANY,
};

export function looksRight(operation: Operation, answer: unknown): boolean {
  return LOOKS[operation].safeParse(answer).success;
}
