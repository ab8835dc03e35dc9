/** Which loop a transaction is: names, ids, and the digests by which it is found again. */
import { createHash, createHmac } from 'node:crypto';
import type { LoopId, TransactionKey } from '../domain/ids.ts';
import { loopIdFrom } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';
import type { StoreKey } from '../seal/keys.ts';
import type { KeyDigest } from '../../storage/keys.ts';

/** A transaction is one loop whatever sink names it and why it is kept; the same transaction as exemplar or ambient is another recording. */
export function loopIdFor(purpose: RecordingPurpose, name: string): LoopId {
  const kind = purpose === 'capture' ? 'failure' : purpose;
  return loopIdFrom(createHash('sha256').update(`${kind} ${name}`).digest());
}

/** Request ids may be anything, so they are not to be guessed from the index. `at`: when the keys were in use, Unix ms. */
export function digestsOf(names: readonly TransactionKey[], key: StoreKey, at: number): readonly KeyDigest[] {
  return [...new Set(names)].map((name) => ({
    digest: createHmac('sha256', key.bytes).update(`loop key of ${name}`).digest('hex').slice(0, 32),
    kind: name.startsWith('trace:') ? 'trace' : 'request',
    at,
  }));
}

/** The name under which a transaction goes, whatever order its keys became known in. */
export function bestName(names: readonly [TransactionKey, ...TransactionKey[]]): TransactionKey {
  const traces = names.filter((name) => name.startsWith('trace:')).toSorted();
  return traces[0] ?? names[0];
}
