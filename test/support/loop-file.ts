import type { LoopFile } from '../../src/domain/loop-file.ts';
import { sealPart, wrapKey } from '../../src/seal/envelope.ts';
import { newDataKey, type StoreKey } from '../../src/seal/keys.ts';
import { loopId, loopSummary } from './transaction.ts';

/** An open recording with two parts. */
export function openFile(number: number, more: Partial<LoopFile> = {}): LoopFile {
  return {
    summary: loopSummary(number),
    subject: '',
    createdBy: 'loop 0.1.0',
    view: `{"version":1,"id":"${loopId(number)}"}`,
    seal: { kind: 'open' },
    parts: [Buffer.from(`records of ${number}`), Buffer.alloc(1500, number)],
    companions: [],
    ...more,
  };
}

/** The same, its parts sealed under a data key of its own. */
export function sealedFile(number: number, under: StoreKey, more: Partial<LoopFile> = {}): LoopFile {
  const file = openFile(number, more);
  const key = newDataKey();
  const { id } = file.summary;
  const parts = file.parts.map((records, index) => sealPart(records, key, id, index).bytes);
  return { ...file, parts, seal: { kind: 'sealed', keyId: under.id, wrappedKey: wrapKey(key, under, id) } };
}
