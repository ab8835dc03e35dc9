import { EMPTY, concat, copied } from '../bytes.ts';
import { Framer, type Side } from './framing.ts';

/** `Z`, length 5, one of the three transaction states. */
const READY_BYTES = 6;

/**
 * Finds the place again after bytes were lost: the server's bytes end with a ReadyForQuery and then the client begins a question.
 * Six known bytes at the end of a chunk and a well-formed message behind them do not come together by chance.
 */
export class LandmarkSearch {
  #tail: Uint8Array = EMPTY;

  reset(): void {
    this.#tail = EMPTY;
  }

  /** True when the session is understood again from the beginning of this chunk. */
  found(side: Side, chunk: Uint8Array): boolean {
    if (side === 'client') {
      const ready = endsReady(this.#tail);
      this.#tail = EMPTY;
      return ready && beginsQuestion(chunk);
    }
    this.#tail = copied(concat([this.#tail, chunk.subarray(-READY_BYTES)]).subarray(-READY_BYTES));
    return false;
  }
}

function endsReady(tail: Uint8Array): boolean {
  const [type, a, b, c, length, status] = tail;
  const isHeader = type === 0x5a && a === 0 && b === 0 && c === 0 && length === 5;
  return isHeader && (status === 0x49 || status === 0x54 || status === 0x45);
}

function beginsQuestion(chunk: Uint8Array): boolean {
  const framer = new Framer('client', 'skim');
  framer.restart();
  framer.push(chunk);
  const framed = framer.next();
  return framed.kind !== 'fault' && 'QPBDECSFX'.includes(String.fromCharCode(chunk[0] ?? 0));
}
