import { Fate } from './fates.ts';
import type { Holding } from './holding.ts';
import { aliasesOf } from './parts.ts';
import type { LookBack } from './look-back.ts';
import type { Neighbours } from './neighbours.ts';
import type { PartWriter } from './parts.ts';
import type { Ranges } from './ranges.ts';
import { emptySelection } from './selection.ts';
import type { Selection } from './selection.ts';
import type { Stream } from './streams.ts';
import { capturesOf } from './entry.ts';
import { keysOf, nameOf } from './entry-keys.ts';
import { signatureOf } from './brake-signature.ts';
import type { Entry } from './entry.ts';

/** Which records: `unsent` leaves out what a failure's part has taken already. */
export type Choice = 'unsent' | 'all';

export interface CopyOutPort {
  readonly holding: Holding;
  readonly ranges: Ranges;
  readonly parts: PartWriter;
  readonly neighbours: Neighbours;
  readonly lookBack?: LookBack | undefined;
}

/** Copies out what a kept transaction has that no part has yet, and the connections its new exchanges used. `last`: nothing can be asked for later. */
export function copyOut(
  entry: Entry,
  last: boolean,
  { holding, ranges, parts, neighbours, lookBack }: CopyOutPort,
): void {
  const transaction = nameOf(entry);
  if (transaction === undefined) return;
  const selection = emptySelection();
  selectExchanges(holding, entry, entry.resend ? 'all' : 'unsent', selection);
  entry.resend = false;
  ranges.select(
    [...entry.streams].filter((stream) => stream.fresh),
    selection,
  );
  const lost = takeLost(entry);
  const overwritten = lookBack?.forKept(entry, transaction, lost) === true ? 0 : lost;
  const signature = signatureOf(entry, holding.ring);
  const around = neighbours.around(entry, last);
  parts.send(
    {
      recorder: parts.nameFor(entry),
      purpose: entry.purpose,
      transaction,
      aliases: aliasesOf(keysOf(entry), transaction),
      overwritten,
      subject: '',
      ...(entry.asked && { asked: true as const }),
      ...capturesOf(entry),
      ...(signature !== undefined && { signature }),
      ...(around && { around }),
    },
    selection,
  );
  markKept(holding, entry, selection);
}

/** Adds the records of a transaction's exchanges. */
export function selectExchanges(holding: Holding, entry: Entry, choice: Choice, into: Selection): void {
  for (const stream of entry.streams) {
    for (const pinned of stream.pinned) if (choice === 'all' || pinned.fate !== Fate.kept) into.pinned.push(pinned);
    holding.walk(stream, (position) => {
      if (choice === 'unsent' && holding.ring.fateOf(position) === Fate.kept) return false;
      into.positions.push(position);
      return true;
    });
  }
}

/** Marks the records of a failure's part as kept, and lets go of what was pinned for the transaction. */
function markKept(holding: Holding, entry: Entry, { pinned, positions }: Selection): void {
  for (const record of pinned) holding.changePinned(record, Fate.kept);
  for (const position of positions) holding.change(position, Fate.kept);
  for (const stream of entry.streams) holding.unpin(stream, Fate.kept);
}

/** Segments of the transaction that age took undecided since the last part told. */
function takeLost(entry: Entry): number {
  let lost = entry.lost;
  entry.lost = 0;
  for (const stream of entry.streams) {
    lost += stream.lost;
    stream.lost = 0;
  }
  return lost;
}

/** True when nothing of these exchanges is missing: all ended whole, nothing aged, nothing cut. */
export function isWhole(entry: Entry): boolean {
  return entry.lost === 0 && [...entry.streams].every(isStreamWhole);
}

function isStreamWhole({ attempt, facts, cut, lost }: Stream): boolean {
  if (attempt) return true;
  return facts.requestComplete && facts.responseComplete && lost === 0 && cut.client === 0 && cut.server === 0;
}
