import { z } from 'zod';
import { parseFingerprint, parseLoopId, parseTransactionKey } from '../../src/domain/ids.ts';
import type { Fingerprint, LoopId, StreamId, TransactionKey } from '../../src/domain/ids.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';

const isText = (value: unknown): value is string => typeof value === 'string';

export const loopIdSchema = z.custom<LoopId>(
  (value) => isText(value) && parseLoopId(value) !== undefined,
  'is no loop id',
);
const transactionKey = z.custom<TransactionKey>(
  (value) => isText(value) && parseTransactionKey(value) !== undefined,
  'is no transaction key',
);
const fingerprint = z.custom<Fingerprint>(
  (value) => isText(value) && parseFingerprint(value) !== undefined,
  'is no fingerprint',
);
const streamId = z.custom<StreamId>(
  (value) => isText(value) && /^[0-9a-f]{16}\.\d{1,16}$/.test(value),
  'is no stream id',
);
/** Unix ms that is a date: lists print it. */
const instant = z.number().min(-8.64e15).max(8.64e15);
const count = z.number().int().nonnegative();

/** A summary from outside. Unknown keys are dropped, so a hostile `__proto__` or `constructor` ends here. */
export const summarySchema: z.ZodType<LoopSummary> = z.object({
  id: loopIdSchema,
  purpose: z.enum(['failure', 'capture', 'exemplar', 'ambient']),
  transaction: transactionKey,
  startedAt: instant,
  durationMs: z.number().nonnegative(),
  service: z.string(),
  method: z.string(),
  path: z.string(),
  status: z.number().int().exactOptional(),
  outcome: z.enum(['good', 'failed', 'swallowed']),
  origin: z
    .object({
      service: z.string(),
      exchange: streamId,
      kind: z.string(),
      summary: z.string(),
      certainty: z.number().min(0).max(1).exactOptional(),
    })
    .exactOptional(),
  fingerprint: fingerprint.exactOptional(),
  services: z.array(z.string()).max(10_000),
  versions: z.array(z.string()).max(10_000).exactOptional(),
  exchanges: count,
  commands: count,
  bytes: count,
  holes: z.array(z.string()).max(10_000),
});
