import type { RecorderId, TransactionKey } from '../domain/ids.ts';
import type { RecordingPurpose } from '../domain/loop.ts';
import type { Tally } from './fates.ts';
import type { Entry } from './entry.ts';
import type { Holding } from './holding.ts';
import type { Numbering } from './numbering.ts';
import type { RecordedPart } from './part.ts';
import { copyRecords } from './selection.ts';
import type { Selection } from './selection.ts';

/** What a part is called, apart from its records. */
export type PartHead = Omit<RecordedPart, 'recorder' | 'records'> & Partial<Pick<RecordedPart, 'recorder'>>;

/** Copies selected records into parts of their own and hands them on; counts what went out. */
export class PartWriter {
  readonly #holding: Holding;
  readonly #numbering: Numbering;
  readonly #emit: (part: RecordedPart) => void;
  readonly #sent: Record<RecordingPurpose, { segments: number; bytes: number }> = {
    failure: { segments: 0, bytes: 0 },
    capture: { segments: 0, bytes: 0 },
    exemplar: { segments: 0, bytes: 0 },
    ambient: { segments: 0, bytes: 0 },
  };

  constructor(holding: Holding, numbering: Numbering, emit: (part: RecordedPart) => void) {
    this.#holding = holding;
    this.#numbering = numbering;
    this.#emit = emit;
  }

  /** What the recorder is called in all parts of a transaction. */
  nameFor(entry: Entry): RecorderId {
    entry.era ??= this.#numbering.era;
    return this.#numbering.nameFor(entry.era);
  }

  /** Parts sent and their bytes by purpose. `segments` counts parts. */
  get sent(): Readonly<Record<RecordingPurpose, Tally>> {
    return this.#sent;
  }

  /** A part without records tells only what was lost; with neither there is nothing to say. */
  send(head: PartHead, selection: Selection): void {
    const records = copyRecords(this.#holding, selection);
    if (records.length === 0 && head.overwritten === 0) return;
    const sent = this.#sent[head.purpose];
    sent.segments += 1;
    sent.bytes += records.length;
    this.#emit({ recorder: this.#numbering.recorder, ...head, records });
  }
}

/** Every key but the name. */
export function aliasesOf(keys: readonly TransactionKey[], name: TransactionKey): readonly TransactionKey[] {
  return keys.filter((key) => key !== name);
}
