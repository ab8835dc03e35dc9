/** What becomes of a part behind the recorder: opened, assembled, judged, shown, disguised, written to a `.loop`; all of it with bytes from anyone. */
import { createHash } from 'node:crypto';
import { loopIdFrom } from '../../../src/domain/ids.ts';
import { derive, present } from '../../../src/keeping/derive.ts';
import { createDisguise } from '../../../src/keeping/disguise/disguise.ts';
import { disguisePart } from '../../../src/keeping/disguise/part.ts';
import type { RecordedPart } from '../../../src/recorder/part.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { NO_RULES } from '../../../src/seal/rules.ts';
import { loopViewSchema } from '../../../src/seal/view-schema.ts';
import { encodePart } from '../../../src/wire/segments/part.ts';
import { readRecords } from '../../../src/wire/segments/record.ts';
import { decodeLoopFile } from '../../../storage/format/decode.ts';
import { encodeLoopFile } from '../../../storage/format/encode.ts';
import type { LoopFile } from '../../../src/domain/loop-file.ts';

/** Parts of so many transactions are remembered, so that a late one meets the earlier ones. */
const TRANSACTIONS = 32;
const PARTS = 6;

const key = redactionKey(newDataKey());
const redact = createRedactor(key);

export class Kept {
  readonly #former = new Map<string, RecordedPart[]>();

  /** Throws when something in it does, and when it shows what no reader takes. */
  take(part: RecordedPart, disguised: boolean): LoopFile {
    const { unknown, truncatedAt } = readRecords(part.records);
    if (unknown > 0 || truncatedAt !== undefined) throw new Error('a part holds bytes that are no record');
    const file = shown(part, this.#with(part));
    if (disguised) shown(part, [disguisePart(part, [], createDisguise(key, NO_RULES))]);
    return file;
  }

  #with(part: RecordedPart): readonly RecordedPart[] {
    const name = `${part.purpose} ${part.transaction}`;
    const parts = [...(this.#former.get(name) ?? []), part].slice(-PARTS);
    this.#former.delete(name);
    this.#former.set(name, parts);
    const [oldest] = this.#former.keys();
    if (this.#former.size > TRANSACTIONS && oldest !== undefined) this.#former.delete(oldest);
    return parts;
  }
}

function shown({ purpose, subject, transaction }: RecordedPart, parts: readonly RecordedPart[]): LoopFile {
  const id = loopIdFrom(createHash('sha256').update(`${purpose} ${transaction}`).digest());
  const recorded = { id, purpose, subject, transaction, parts };
  const { summary, view } = present(recorded, derive(recorded), redact);
  loopViewSchema.parse(JSON.parse(view));
  return {
    summary,
    subject,
    createdBy: 'fuzz',
    view,
    seal: { kind: 'open' },
    parts: parts.map(encodePart),
    companions: [],
  };
}

/** Rejects when what was written cannot be read again. */
export async function roundTrip(file: LoopFile): Promise<void> {
  await decodeLoopFile(await encodeLoopFile(file));
}
