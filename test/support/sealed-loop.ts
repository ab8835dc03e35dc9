import { createHash, randomBytes } from 'node:crypto';
import type { LoopSummary } from '../../src/domain/loop.ts';
import type { SealedLoop, SealedPart } from '../../storage/port.ts';
import { loopSummary } from './transaction.ts';

/** Bytes that stand for a sealed part: to a store they are all the same. */
export function sealedPart(content: string | Uint8Array): SealedPart {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { bytes, digest: createHash('sha256').update(bytes).digest('hex') };
}

export function randomPart(size: number): SealedPart {
  return sealedPart(randomBytes(size));
}

/** `sealedLoop(7)` is the loop `000000000007` with one part. */
export function sealedLoop(
  number: number,
  more: Partial<SealedLoop> & { readonly summary?: LoopSummary } = {},
): SealedLoop {
  return {
    summary: loopSummary(number),
    subject: '',
    wrappedKey: new Uint8Array(72).fill(number),
    view: `{"version":1,"id":"${number}"}`,
    companions: [],
    parts: [sealedPart(`part of ${number}`)],
    ...more,
  };
}
