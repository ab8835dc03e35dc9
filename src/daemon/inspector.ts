/** Reads the exchanges that the ring cannot judge by itself, on the main thread, and says whether their transactions are to be kept. */
import { assemble } from '../assembly/transaction.ts';
import type { Exchange } from '../domain/exchange.ts';
import type { AskKind, Inspection, InspectionAnswer } from '../recorder/inspection.ts';

/** Who asks. */
export interface Reader {
  readonly kind: AskKind;
  /** True: the transaction is to be kept. Bodies are hostile: it must be bounded, and must not throw. */
  read(exchange: Exchange, inspection: Inspection): boolean;
}

/** Every inspection is answered, whatever is in it; all readers that ask are heard. */
export function createInspector(
  readers: readonly Reader[],
  answer: (answer: InspectionAnswer) => void,
): (inspection: Inspection) => void {
  return (inspection) => {
    const asked = readers.filter(({ kind }) => inspection.asks.includes(kind));
    const [exchange] = exchangesOf(inspection);
    const said = exchange === undefined ? [] : asked.map((reader) => reader.read(exchange, inspection));
    answer({ recorder: inspection.recorder, id: inspection.id, keep: said.includes(true) });
  };
}

function exchangesOf({ transaction, recorder, records }: Inspection): readonly Exchange[] {
  return assemble(transaction, [{ recorder, records }]).exchanges;
}
