/** The bytes of one body as they were on the wire. */
import type { LoopStore } from '../../storage/port.ts';
import { bodyOf } from '../domain/exchange.ts';
import type { LoopId } from '../domain/ids.ts';
import { derive } from '../keeping/derive.ts';
import { SealError } from '../seal/errors.ts';
import type { StoreKey } from '../seal/keys.ts';
import type { Acted } from './acts.ts';
import { ApiError } from './error.ts';
import { openedParts } from './opened.ts';

export interface BodyAsked {
  readonly id: LoopId;
  readonly exchange: string;
  readonly side: 'request' | 'response';
}

/** Told before the seal is opened. Rejects with ApiError `not-found`, SealError, StorageError or AuditError. */
export async function readOriginalBody(
  store: Pick<LoopStore, 'get' | 'parts'>,
  key: StoreKey,
  { id, exchange, side }: BodyAsked,
  acted: Acted,
): Promise<Uint8Array> {
  const stored = await store.get(id);
  await acted('open', { loop: stored.summary.id, exchange, side });
  const parts = await openedParts(store, key, stored.summary.id, stored);
  if (parts instanceof SealError) throw parts;
  const { transaction } = derive({ ...stored.summary, subject: stored.subject, parts });
  const message = transaction.exchanges.find((one) => one.id === exchange)?.[side];
  if (message !== undefined) return bodyOf(message);
  throw new ApiError('not-found', `Loop ${id} has no ${side} of an exchange ${exchange}.`, `loopctl show ${id}`);
}
