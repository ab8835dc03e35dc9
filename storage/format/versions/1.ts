import { z } from 'zod';
import { loopIdSchema, summarySchema } from '../summary-schema.ts';

const content = z.object({
  /** Of the entry as it stands in the tar. */
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const seal = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sealed'), keyId: z.string().regex(/^[0-9a-f]{16}$/), wrappedKey: z.base64().max(1024) }),
  z.object({ kind: z.literal('open') }),
]);

/** `loop.json`, version 1. Written once and never changed: a change is version 2 and a converter from here to there. */
export const manifest1 = z.object({
  format: z.literal('loop'),
  version: z.literal(1),
  createdBy: z.string().max(200),
  subject: z.string().max(10_000),
  summary: summarySchema,
  seal,
  view: content,
  parts: z.array(content).max(9999),
  companions: z.array(loopIdSchema).max(4000),
});

export type Manifest1 = z.infer<typeof manifest1>;
